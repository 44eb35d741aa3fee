"""What the pages of routing share."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html

from lingxi.admin import RoleModelAdmin
from routing import kinds
from routing.models import Membership, SkillGroup, WorkItem
from routing.statuses import catch_up


def swatch(color: str, label: str) -> str:
    """`label` behind a dot of `color`."""
    return format_html(
        '<svg width="11" height="11" viewBox="0 0 10 10" class="inline-block mr-1.5" '
        'aria-hidden="true"><circle cx="5" cy="5" r="5" fill="{}"/></svg>{}',
        color,
        label,
    )


def items_of(owner: str, state: str) -> Coalesce:
    """How many work items in `state` each row holds, of what shares the general capacity.

    A subquery, which does not multiply rows.
    """
    counted = (
        WorkItem.objects.filter(**{owner: OuterRef("pk")}, state=state, kind__in=kinds.sharing())
        .order_by()
        .values(owner)
        .annotate(count=Count("pk"))
        .values("count")
    )
    return Coalesce(Subquery(counted), 0)


def kept(formset: Any) -> list[Any]:
    """The valid forms of a formset that are to be saved: filled in, and not ticked for deletion."""
    return [form for form in formset.forms if form.cleaned_data and not is_ticked(form)]


def is_ticked(form: Any) -> bool:
    """Whether the row is to be deleted."""
    return bool(form.cleaned_data.get("DELETE"))


def raise_strides(formsets: Iterable[Any]) -> None:
    """New members of weighted groups start level with the others, not with all to catch up on."""
    for formset in formsets:
        if formset.model is Membership:
            for member in formset.new_objects:
                catch_up(member.agent)


def guarded(deleted: Any, rows: Iterable[Any], uses: Callable[[Any], list[str]]) -> Any:
    """What Django would delete; what is in use is protected instead, with a line for each use."""
    found, counts, lacking, protected = deleted
    lines = [f"{row} · {use}" for row in rows for use in uses(row)]
    return (found, counts, set(), lines) if lines else (found, counts, lacking, protected)


class SharedAdmin(RoleModelAdmin):
    """Base of pages about what several groups share.

    Everybody who manages routing sees and adds; what groups out of their sight rely on is changed
    and deleted by those who see these groups too.
    """

    permission = "routing.manage"

    def relying(self, row: Any) -> QuerySet[SkillGroup]:
        """The groups that rely on a row."""
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As said above."""
        return super().has_change_permission(request, obj) and self._sees_all(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As said above."""
        return super().has_delete_permission(request, obj) and self._sees_all(request, obj)

    def _sees_all(self, request: HttpRequest, obj: Model | None) -> bool:
        if obj is None:
            return True
        seen = SkillGroup.objects.visible_to(request.user).values("pk")
        return not self.relying(obj).exclude(pk__in=seen).exists()
