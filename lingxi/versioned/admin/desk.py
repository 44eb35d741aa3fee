"""What the pages of versions are about: one `Desk` for each kind of owner."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse

from lingxi.ids import parse_id
from lingxi.versioned.admin import api, marking, pages
from lingxi.versioned.admin.marking import Difference
from lingxi.versioned.life import Versions

Shown = dict[str, Any]
View = Callable[..., HttpResponse]


class Desk:
    """Pages on which the content of the versions of an owner is edited.

    `route` begins the names of the URLs, `prefix` their paths behind the owner's id; `noun` is
    what is edited, `unit` what its differences are counted in, `scope` whom publishing concerns.
    """

    versions: ClassVar[Versions[Any]]
    route: ClassVar[str]
    prefix: ClassVar[str] = ""
    noun: ClassVar[str]
    unit: ClassVar[str] = "处"
    scope: ClassVar[str] = ""
    editor_template: ClassVar[str]
    version_template: ClassVar[str]

    def empty(self) -> Any:
        """A content with nothing in it."""
        return {}

    def size(self, content: Any) -> str:
        """How much is in it, in a few words."""
        return ""

    def form(self, owner: Any) -> Shown:
        """What the editor's script needs to know besides the draft."""
        return {}

    def problems(self, owner: Any, content: Any) -> Sequence[Any]:
        """What is wrong with a content."""
        return self.versions.problems(content, owner)

    def said(self, owner: Any, content: Any) -> Shown:
        """What a content says, for the editor; it may be in any odd state."""
        return {}

    def read(self, owner: Any, content: Any) -> Shown:
        """What the page of one version shows."""
        return {}

    def differences(self, owner: Any, before: Any, after: Any) -> list[Difference]:
        """A sentence for each part that differs."""
        return []

    def tabs(self, owner: Any) -> list[tuple[str, str, str, str]]:
        """(name, label, English, URL) of the tabs."""
        return [
            ("editor", self.noun, "Edit", self.url("editor", owner)),
            ("versions", "版本", "Versions", self.url("versions", owner)),
        ]

    # What follows from these.

    def content(self, version: Any) -> Any:
        """The content of a version."""
        return getattr(version, self.versions.content)

    def url(self, view: str, owner: Any, *more: Any) -> str:
        """The address of one of the pages."""
        return reverse(f"admin:{self.route}_{view}", args=[owner.pk, *more])

    def judge(self, owner: Any, content: Any) -> Shown:
        """What the content says, its problems, and in what it differs from what is in force."""
        problems = [one.as_dict() for one in self.problems(owner, content)]
        return {
            "problems": problems,
            "summary": self.summary(owner, content),
            **self.said(owner, content),
        }

    def summary(self, owner: Any, content: Any) -> str:
        """In a few words, how a content differs from what is in force."""
        base = self.versions.base_of(owner)
        if base is None:
            return "首次发布"
        found = self.differences(owner, self.content(base), content)
        said = marking.summary((one.kind for one in found), self.unit)
        return f"与生效的 v{base.number} 相比：{said}"


VIEWS: tuple[tuple[str, str, View], ...] = (
    ("editor", "", pages.editor),
    ("check", "check/", api.check),
    ("draft", "draft/", api.draft),
    ("discard", "discard/", api.discard),
    ("publish", "publish/", api.publish),
    ("roll_back", "roll-back/", api.roll_back),
    ("versions", "versions/", pages.versions_list),
    ("version", "versions/<uuid:version_id>/", pages.version),
    ("compare", "compare/", pages.compare),
)


class VersionedAdmin:
    """Adds the pages of `desk` to an admin page with `lingxi.admin.RolePermissions`."""

    desk: Desk
    views: tuple[tuple[str, str, View], ...] = ()
    """More of them, as in `VIEWS`."""

    def get_urls(self) -> list[URLPattern]:
        """Ours before the standard ones, whose last takes any path."""
        begin = f"<uuid:owner_id>/{self.desk.prefix}"
        ours = [
            path(f"{begin}{route}", self.guarded(view), name=f"{self.desk.route}_{name}")
            for name, route, view in VIEWS + self.views
        ]
        return [*ours, *super().get_urls()]  # type: ignore[misc]

    def guarded(self, view: View) -> Callable[..., HttpResponseBase]:
        """`view(desk, request, owner, …)` for those whom the page is for."""

        def show(request: HttpRequest, owner_id: Any, **kwargs: Any) -> HttpResponse:
            if not self.allowed(request):  # type: ignore[attr-defined]
                raise PermissionDenied
            return view(self.desk, request, self.owner(request, owner_id), **kwargs)

        return self.admin_site.admin_view(show)  # type: ignore[attr-defined]

    def owner(self, request: HttpRequest, owner_id: Any) -> Model:
        """The row. Raises `Http404`."""
        rows = self.get_queryset(request).select_related("current")  # type: ignore[attr-defined]
        found = rows.filter(pk=parse_id(str(owner_id))).first()
        if found is None:
            raise Http404
        return found
