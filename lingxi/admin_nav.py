"""The sidebar of the admin."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def logo(request: HttpRequest) -> str:
    """The address of the logo."""
    return static("lingxi/logo.svg")


def may_manage_users(request: HttpRequest) -> bool:
    """Whether the person sees the pages about people and the system."""
    from lingxi.access.permissions import can

    return can(request.user, "users.manage")


def may_manage_webhooks(request: HttpRequest) -> bool:
    """Whether the person sees the pages about webhooks."""
    from lingxi.access.permissions import can

    return can(request.user, "webhooks.manage")


def _item(title: str, icon: str, page: str, permission: Any = None) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{page}_changelist"),
        "permission": permission,
    }


NAVIGATION = [
    {
        "items": [
            {"title": "工作台", "icon": "headset_mic", "link": "/workbench/"},
            {"title": "实时看板", "icon": "monitoring", "link": "/floor/"},
            {"title": "会话存档", "icon": "inventory_2", "link": "/archive/"},
        ],
    },
    {
        "title": "接待",
        "items": [
            _item("会话", "forum", "conversations_conversation"),
            _item("消息", "chat", "conversations_message"),
            _item("客户", "person", "conversations_customer"),
            _item("满意度评价", "star", "conversations_rating"),
            _item("留言", "mail", "conversations_offlinemessage"),
            _item("会话小结", "summarize", "conversations_wrapup"),
        ],
    },
    {
        "title": "接入",
        "items": [
            _item("渠道", "language", "conversations_channel"),
            _item("主动邀请", "waving_hand", "conversations_invitation"),
            _item("接待设置", "tune", "conversations_servicesettings"),
            _item("自定义字段", "edit_note", "fields_schema"),
            _item("小结分类", "account_tree", "conversations_wrapupcategory"),
            _item("快捷回复", "quickreply", "conversations_quickreply"),
            _item("快捷回复分类", "folder", "conversations_quickreplycategory"),
        ],
    },
    {
        "title": "保护",
        "items": [
            _item("黑名单", "block", "conversations_block"),
            _item("敏感词", "gpp_maybe", "conversations_sensitiveword"),
            _item("敏感词记录", "manage_search", "conversations_sensitivehit"),
        ],
    },
    {
        "title": "路由",
        "items": [
            _item("路由策略", "alt_route", "routing_strategy"),
            _item("技能组", "groups", "routing_skillgroup"),
            _item("坐席", "support_agent", "routing_agent"),
            _item("队列", "queue", "routing_workitem"),
        ],
    },
    {
        "title": "工单",
        "items": [
            _item("工单", "confirmation_number", "tickets_ticket"),
            _item("工单回复", "comment", "tickets_comment"),
            _item("工单类型", "category", "tickets_tickettype"),
            _item("问题分类", "account_tree", "tickets_issuetype"),
            _item("时效策略", "timer", "tickets_slapolicy"),
            _item("自动建单规则", "bolt", "tickets_creationrule"),
            _item("升级规则", "trending_up", "tickets_escalationrule"),
        ],
    },
    {
        "title": "排班",
        "items": [
            _item("营业时间", "schedule", "routing_businesshours"),
            _item("班次", "work_history", "routing_shift"),
            _item("排班", "calendar_month", "routing_rosterentry"),
            _item("小休原因", "coffee", "routing_breakreason"),
            {
                **_item("小休申请", "pending_actions", "routing_breakrequest"),
                "badge": "routing.admin.breaks.pending_count",
            },
        ],
    },
    {
        "title": "集成",
        "items": [
            _item("回调端点", "webhook", "integrations_endpoint", may_manage_webhooks),
            _item("投递记录", "outbox", "integrations_delivery", may_manage_webhooks),
        ],
    },
    {
        "title": "系统",
        "items": [
            _item("用户与角色", "manage_accounts", "auth_user", may_manage_users),
            _item("事件", "bolt", "events_event", may_manage_users),
            _item("处理失败的事件", "error", "events_failedhandling", may_manage_users),
        ],
    },
]
