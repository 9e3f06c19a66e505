import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Organization
from findings.models import Schedule
from findings.scheduling import next_runs
from findings.services import schedules


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Schedule
        fields = (
            "organization",
            "name",
            "cron",
            "time_zone",
            "jitter_minutes",
            "catches_up",
            "is_active",
        )

    def __init__(self, *arguments: object, user: User | AnonymousUser, **fields: object) -> None:
        super().__init__(*arguments, **fields)  # type: ignore[arg-type]
        self.fields["organization"].queryset = Organization.objects.visible_to(user)  # type: ignore
        self.fields["organization"].empty_label = None  # type: ignore[attr-defined]


def schedule_list(request: HttpRequest) -> HttpResponse:
    seen = Schedule.objects.visible_to(request.user).select_related("organization", "last_scan")
    now = timezone.now()
    lines = [(schedule, next_runs(schedule, now, 3)) for schedule in seen]
    return render(request, "schedules/list.html", {"lines": lines})


def schedule_create(request: HttpRequest) -> HttpResponse:
    form = ScheduleForm(request.POST or None, user=request.user)
    if form.is_valid():
        try:
            schedules.schedule_create(actor=request.user, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The schedule is set."))
            return redirect("schedule-list")
    return render(request, "schedules/edit.html", {"form": form})


def schedule_edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    schedule = get_object_or_404(Schedule.objects.visible_to(request.user), uid=uid)
    form = ScheduleForm(request.POST or None, instance=schedule, user=request.user)
    if form.is_valid():
        try:
            schedules.schedule_update(
                actor=request.user, schedule=schedule, now=timezone.now(), **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The schedule is changed."))
            return redirect("schedule-list")
    return render(request, "schedules/edit.html", {"form": form, "schedule": schedule})


@require_POST
def schedule_delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    schedule = get_object_or_404(Schedule.objects.visible_to(request.user), uid=uid)
    schedules.schedule_delete(actor=request.user, schedule=schedule, now=timezone.now())
    messages.success(request, _("The schedule is deleted."))
    return redirect("schedule-list")
