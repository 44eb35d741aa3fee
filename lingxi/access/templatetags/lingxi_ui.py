"""What every page template needs: permissions and icons."""

from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lingxi.access import masking, permissions

register = template.Library()


@register.filter
def can(user: Any, permission: str) -> bool:
    """``{% if request.user|can:"archive.search" %}``; False where there is no user."""
    return bool(user) and permissions.can(user, permission)


@register.filter
def can_any(user: Any, wanted: str) -> bool:
    """Whether the person has one of the comma-separated permissions."""
    return any(can(user, name.strip()) for name in wanted.split(","))


@register.filter
def for_viewer(value: Any, user: Any) -> Any:
    """``{{ ticket.title|for_viewer:request.user }}``: as the person may see it."""
    return masking.for_viewer(user, value)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A picture of the sprite ``lingxi/icons.svg``; decoration, so hidden from screen readers."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        css,
        static("lingxi/icons.svg"),
        name,
    )
