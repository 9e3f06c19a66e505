"""Operations of migrations that Django lacks."""

from typing import Any

from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Makes the tables of models that refer to one another, in any order.

    Django makes the classes of all related models anew for each `CreateModel`, which takes
    seconds for sixty of them; here they are made once.
    """

    def __init__(self, operations: list[CreateModel]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # the cached classes, which would follow each model
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, *states: Any) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, *states)

    def database_backwards(self, app_label: str, *states: Any) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, *states)

    def describe(self) -> str:
        return f"Create {len(self.operations)} models"
