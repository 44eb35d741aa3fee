from django.apps import AppConfig


class FieldsConfig(AppConfig):
    name = "lingxi.fields"
    label = "fields"
    verbose_name = "自定义字段"
