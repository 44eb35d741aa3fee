"""Visitors before they say anything: the channel's looks, a token, the pages they look at."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import blocklist, customers, invitations, returning, wire
from conversations.api import schemas
from conversations.api.base import BodyParser, VisitorView, address_of
from conversations.api.fields import Flat, Line, Page, StrictSerializer
from conversations.models import Channel, Conversation, Customer, IdentityKind
from conversations.origins import check_origin
from conversations.principals import visitor_token
from conversations.service import settings_of
from lingxi import limits
from lingxi.errors import NotFound
from routing.models import Agent, AgentStatus

WS_PATH = "/ws/visitor"
MAX_PAGE = 2000
SESSIONS_PER_MINUTE = 120  # of one address: a school or an office shares one
PAGE_VIEWS_PER_MINUTE = 60  # of one visitor
# A proxy on this machine that does not say who asks would make everybody one; see docs/api.md.
UNTOLD = frozenset({"", "127.0.0.1", "::1"})


class IdentitySerializer(StrictSerializer):
    """By what the visitor is recognised; see docs/api.md for signatures."""

    kind = serializers.ChoiceField(choices=IdentityKind.choices)
    value = Line(limit=191, trim_whitespace=False)
    signature = Line(limit=128, required=False, allow_null=True)


class ProfileSerializer(StrictSerializer):
    """What the host site says of the visitor."""

    name = Line(limit=80, required=False, allow_blank=True)
    phone = Line(limit=32, required=False, allow_blank=True)
    email = Line(limit=254, required=False, allow_blank=True)
    level = Line(limit=32, required=False, allow_blank=True)


class ContextSerializer(serializers.Serializer[Any]):
    """Where the visitor comes from and with what. Other keys are dropped."""

    entry_page = Page(limit=2000, required=False, allow_blank=True)
    referrer = Page(limit=2000, required=False, allow_blank=True)
    utm = Flat(limit=200, keys=10, required=False)
    device = Line(limit=100, required=False, allow_blank=True)
    app_version = Line(limit=40, required=False, allow_blank=True)
    os = Line(limit=100, required=False, allow_blank=True)
    network = Line(limit=40, required=False, allow_blank=True)
    language = Line(limit=40, required=False, allow_blank=True)
    screen = Line(limit=40, required=False, allow_blank=True)
    timezone = Line(limit=60, required=False, allow_blank=True)
    title = Line(limit=200, required=False, allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        """What was said; null says nothing."""
        if isinstance(data, dict):
            data = {key: value for key, value in data.items() if value is not None}
        return super().to_internal_value(data)


class SessionSerializer(StrictSerializer):
    """The start of a session."""

    channel = Line(limit=64)
    identity = IdentitySerializer(required=False, allow_null=True)
    also = serializers.ListField(child=IdentitySerializer(), required=False, max_length=3)
    profile = ProfileSerializer(required=False, allow_null=True)
    context = ContextSerializer(required=False, allow_null=True)  # type: ignore[assignment]


def channel_of(key: str, request: Request) -> Channel:
    """The living channel with this key, for a page it allows."""
    channel = Channel.objects.filter(key=key, is_active=True).first()
    if channel is None:
        raise NotFound("渠道不存在或已停用", fields={"channel": ["不存在"]})
    check_origin(channel, request.headers.get("Origin"), request.get_host())
    return channel


class ConfigView(APIView):
    """The looks of a channel, before there is a session."""

    authentication_classes = []
    permission_classes = []

    @extend_schema(
        operation_id="visitor_config",
        tags=["visitor"],
        auth=[],
        description=(
            "渠道的外观、是否有人在线、留言提示，以及 `page` 上的主动邀请。公开，不需要令牌。"
        ),
        parameters=[
            OpenApiParameter("channel", str, required=True, description="渠道接入标识"),
            OpenApiParameter("page", str, description="访客所在页面的地址，用于主动邀请"),
        ],
        responses=schemas.ConfigAnswer,
    )
    def get(self, request: Request) -> Response:
        """Answer with the channel's looks."""
        channel = channel_of(_asked(request, "channel"), request)
        ready = Agent.objects.filter(groups=channel.group_id, status=AgentStatus.READY)
        return Response(
            {
                "name": channel.name,
                "title": channel.title,
                "greeting": channel.greeting,
                "brand_color": channel.brand_color,
                "max_upload": settings.LINGXI["MAX_UPLOAD_BYTES"],
                "open": ready.reachable().exists(),
                "offline_text": settings_of(channel.group_id).offline_text,
                "invitation": invitations.as_dict(
                    invitations.invitation_for(channel, _asked(request, "page")[:MAX_PAGE])
                ),
            }
        )


def _asked(request: Request, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "")


class SessionView(APIView):
    """Visitor sessions."""

    authentication_classes = []
    permission_classes = []
    parser_classes = [BodyParser]

    @extend_schema(
        operation_id="visitor_session_create",
        tags=["visitor"],
        auth=[],
        description=(
            "识别访客并签发令牌。`cookie`、`device` 的值须是至少 16 位的随机值；`member`、`phone`、"
            "`openid` 在设有签名密钥的渠道上必须带 `signature` = hex(HMAC-SHA256(密钥, "
            '"{kind}:{value}"))，否则只作为访客自述显示，不会打开任何人的历史。'
        ),
        request=SessionSerializer,
        responses={201: schemas.SessionAnswer},
        examples=[
            OpenApiExample(
                "匿名访客",
                {
                    "channel": "demo-web",
                    "identity": {"kind": "cookie", "value": "3e0a7c52-7b0e-4c58-9d43-1f2a90b6f1de"},
                    "context": {"entry_page": "https://shop.example.com/item/1", "os": "iOS 19"},
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Recognise the visitor."""
        address = address_of(request)
        if address not in UNTOLD:
            limits.hit("session", address, SESSIONS_PER_MINUTE, 60)
        body = SessionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        channel = channel_of(said["channel"], request)
        customer = customers.identify(
            channel,
            **(said.get("identity") or {}),
            profile=said.get("profile"),
            also=said.get("also", ()),
            device=said.get("context"),
        )
        blocklist.refuse(customer.id, address)
        return Response(session_answer(customer, channel), status=201)


def session_answer(customer: Customer, channel: Channel) -> dict[str, Any]:
    """The token, and the conversation that is open already."""
    lifetime = dt.timedelta(seconds=settings.LINGXI["VISITOR_TOKEN_LIFETIME"])
    conversation = Conversation.objects.open().filter(customer=customer, channel=channel).first()
    return {
        "token": visitor_token(customer, channel),
        "customer_id": str(customer.id),
        "expires_at": (timezone.now() + lifetime).replace(microsecond=0),
        "conversation": wire.describe(conversation, for_visitor=True) if conversation else None,
        "ws_path": WS_PATH,
        **returning.told(customer.id, channel.id),
    }


class PageViewSerializer(StrictSerializer):
    """One page looked at; the time is the server's."""

    url = Page(limit=2000)
    title = Line(limit=200, required=False, allow_blank=True, default="")
    referrer = Page(limit=2000, required=False, allow_blank=True, default="")


class PageViewsView(VisitorView):
    """The trail of pages."""

    @extend_schema(
        operation_id="visitor_page_view_create",
        tags=["visitor"],
        description=(
            "记录一次页面浏览，坐席在客户栏看到浏览轨迹。应答另含 `tickets`，与会话应答相同。"
        ),
        request=PageViewSerializer,
        responses={201: schemas.PageViewAnswer},
    )
    def post(self, request: Request) -> Response:
        """Add a page."""
        limits.hit("page-view", str(self.visitor.customer_id), PAGE_VIEWS_PER_MINUTE, 60)
        body = PageViewSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        self.refuse_merged()
        customers.record_page_view(
            self.visitor.customer_id, self.visitor.channel_id, **body.validated_data
        )
        told = returning.told(self.visitor.customer_id, self.visitor.channel_id)
        return Response({**body.validated_data, **told}, status=201)
