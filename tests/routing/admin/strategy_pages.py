"""What the tests of the strategy pages share: rules, calls of the pages, published versions."""

from django.test import Client
from django.urls import reverse

from routing.strategy import versions


def logged_in(user):
    """A browser of the user's that expects JSON."""
    client = Client(headers={"accept": "application/json"})
    client.force_login(user)
    return client


def rule(group, number=1, page="/order/", **changes):
    """A rule that sends a page's visitors to `group`; without a page, everybody."""
    condition = {"fact": "entry_page", "subject": "", "operator": "contains", "value": page}
    return {
        "id": f"rule{number}",
        "name": f"规则{number}",
        "enabled": True,
        "when": {"match": "all", "items": [condition] if page else []},
        "then": [{"action": "enqueue", "params": {"group": str(group.pk)}}],
        **changes,
    }


def url(name, strategy, *args):
    """Of a page of the strategy."""
    return reverse(f"admin:routing_strategy_{name}", args=[strategy.pk, *args])


def post(client, name, strategy, body, *args):
    """As the scripts post."""
    return client.post(url(name, strategy, *args), body, content_type="application/json")


def save(client, strategy, rules, revision=0, base=""):
    """Save a draft."""
    return post(client, "draft", strategy, {"rules": rules, "revision": revision, "base": base})


def published(strategy, rules, by=None, percent=100, note=""):
    """A version, without the pages."""
    draft = versions.draft_of(strategy, by=by)
    draft = versions.save_draft(strategy, rules, by=by, revision=draft.revision)
    made = versions.publish(strategy, by=by, revision=draft.revision, percent=percent, note=note)
    strategy.refresh_from_db()
    return made
