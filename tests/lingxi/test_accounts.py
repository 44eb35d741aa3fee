"""Log-in, and where people land."""

import pytest
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("agent", "/workbench/"),
        ("supervisor", "/workbench/"),
        ("admin", "/workbench/"),
        ("auditor", "/archive/"),
        ("inspector", "/archive/"),
    ],
)
def test_everybody_lands_on_a_page_they_may_use(client, role, page):
    client.force_login(factories.UserFactory(role=role, scope="all"))
    answer = client.get("/")
    assert answer.url == page
    assert client.get(page).status_code == 200


def test_without_a_role_there_is_a_page_that_says_so(client):
    client.force_login(factories.UserFactory(role=None))
    answer = client.get("/", headers={"accept": "text/html"})
    assert answer.status_code == 403
    assert "还没有角色" in answer.text
    assert "<html" in answer.text


def test_strangers_go_to_the_log_in(client):
    assert client.get("/").url == reverse("login")


def test_a_page_refused_is_a_page_and_a_fragment_refused_is_json(client):
    client.force_login(factories.UserFactory(role="auditor", scope="all"))
    page = client.get("/workbench/", headers={"accept": "text/html"})
    assert (page.status_code, page["content-type"]) == (403, "text/html; charset=utf-8")
    fragment = client.get("/workbench/", headers={"accept": "text/html", "HX-Request": "true"})
    assert fragment.json()["code"] == "forbidden"
