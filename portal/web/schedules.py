import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Denied, Permission, reach_of, require
from accounts.validators import validate_time_zone
from findings.models import Schedule
from findings.planning import SelectionError
from findings.scheduling import ScheduleError, next_runs
from findings.selectors.scopes import organizations_administered
from findings.selectors.selections import selection_seen
from findings.services.schedules import schedule_delete as delete
from findings.services.schedules import schedule_save
from portal.people import person_of
from portal.web.forms import SelectionForm, initial_of

NEXT_RUNS = 3


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in its stubs
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        initial="UTC",
        help_text=gettext_lazy("For example Europe/Paris."),
        validators=[validate_time_zone],
    )

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
        labels = {
            "jitter_minutes": gettext_lazy("Jitter in minutes"),
            "catches_up": gettext_lazy("Catch up"),
            "is_active": gettext_lazy("Switched on"),
        }

    def __init__(self, *arguments: object, user: User, **fields: object) -> None:
        super().__init__(*arguments, **fields)  # type: ignore[arg-type]
        organization = self.fields["organization"]
        assert isinstance(organization, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        organization.queryset = organizations_administered(user)
        organization.empty_label = None
        organization.disabled = self.instance.pk is not None


@require_safe
def schedule_list(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    seen = Schedule.objects.visible_to(user).select_related("organization", "last_scan")
    reach, now = reach_of(user, Permission.ADMINISTER), timezone.now()
    lines = [
        (
            schedule,
            next_runs(schedule.timetable, now, NEXT_RUNS) if schedule.is_active else [],
            selection_seen(schedule, user),
            reach.covers_organization(schedule.organization),
        )
        for schedule in seen
    ]
    context = {"lines": lines, "may_create": organizations_administered(user).exists()}
    return render(request, "schedules/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def schedule_create(request: HttpRequest) -> HttpResponse:
    if not organizations_administered(person_of(request)).exists():
        raise Denied(_("Schedules are made by administrators of an organization."))
    return _edit(request, Schedule())


@require_http_methods(["GET", "HEAD", "POST"])
def schedule_edit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    schedule = _schedule(request, uid)
    require(person_of(request), Permission.ADMINISTER, on=schedule.organization)
    return _edit(request, schedule)


def _edit(request: HttpRequest, schedule: Schedule) -> HttpResponse:
    user, name = person_of(request), schedule.name
    posted = request.POST if request.method == "POST" else None
    form = ScheduleForm(posted, instance=schedule, user=user)
    part = SelectionForm(posted, initial=initial_of(schedule.selection), user=user)
    if posted is not None and form.is_valid() & part.is_valid() and _save(form, part, user):
        messages.success(request, _("The schedule is saved."))
        return redirect("schedule-list")
    context = {"form": form, "part": part, "name": name, "schedule": schedule}
    status = 200 if posted is None else 422
    return render(request, "schedules/edit.html", context, status=status)


def _save(form: ScheduleForm, part: SelectionForm, user: User) -> bool:
    """Save what both forms say, or have them show why not."""
    form.instance.selection = part.cleaned_data["selection"].to_json()
    try:
        schedule_save(actor=user, schedule=form.instance, now=timezone.now())
    except ScheduleError as error:
        form.add_error("cron", str(error))
    except SelectionError as error:
        part.add_error(None, str(error))
    except ValidationError as error:
        form.add_error(None, error.messages)
    return not (form.errors or part.errors)


@require_POST
def schedule_delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    delete(actor=person_of(request), schedule=_schedule(request, uid), now=timezone.now())
    messages.success(request, _("The schedule is deleted."))
    return redirect("schedule-list")


def _schedule(request: HttpRequest, uid: uuid.UUID) -> Schedule:
    seen = Schedule.objects.visible_to(person_of(request)).select_related("organization")
    return get_object_or_404(seen, uid=uid)
