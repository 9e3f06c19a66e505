import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Organization
from findings.models import Schedule
from findings.scheduling import ScheduleError, next_runs
from findings.services.schedules import schedule_delete as delete
from findings.services.schedules import schedule_save


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in its stubs
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
        organization = self.fields["organization"]
        assert isinstance(organization, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        organization.queryset = Organization.objects.visible_to(user)
        organization.empty_label = None


def schedule_list(request: HttpRequest) -> HttpResponse:
    seen = Schedule.objects.visible_to(request.user).select_related("organization", "last_scan")
    lines = [(schedule, next_runs(schedule.timetable, timezone.now(), 3)) for schedule in seen]
    return render(request, "schedules/list.html", {"lines": lines})


def schedule_create(request: HttpRequest) -> HttpResponse:
    return _edit(request, Schedule())


def schedule_edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    return _edit(request, get_object_or_404(Schedule.objects.visible_to(request.user), uid=uid))


def _edit(request: HttpRequest, schedule: Schedule) -> HttpResponse:
    form = ScheduleForm(request.POST or None, instance=schedule, user=request.user)
    if form.is_valid():
        try:
            schedule_save(actor=request.user, schedule=form.instance, now=timezone.now())  # type: ignore[arg-type]
        except ScheduleError as error:
            form.add_error("cron", str(error))
        else:
            messages.success(request, _("The schedule is saved."))
            return redirect("schedule-list")
    return render(request, "schedules/edit.html", {"form": form, "schedule": schedule})


@require_POST
def schedule_delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    schedule = get_object_or_404(Schedule.objects.visible_to(request.user), uid=uid)
    delete(actor=request.user, schedule=schedule, now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The schedule is deleted."))
    return redirect("schedule-list")
