"""How default branches came to where they are: commits, and the pull requests that merged them."""

from simulator.places import Place

FIRST, PUSH = "first", "push"
FAST_FORWARD, SQUASH, THREE_WAY = "FAST_FORWARD_MERGE", "SQUASH_MERGE", "THREE_WAY_MERGE"
MERGED_ELSEWHERE, REFUSED = "elsewhere", "refused"
"""Pull requests that leave the branch where it is."""


def put_changes(place: Place, repository: str, changes: tuple[str, ...]) -> str | None:
    """Puts what changed a branch, the oldest first; returns its tip, None without any change."""
    tip: str | None = None
    for number, change in enumerate(changes):
        source = _commit(place, repository, f"{number} of a branch", [tip] if tip else [])
        if change in (FIRST, PUSH):
            tip = source
            continue
        made = tip if change in (MERGED_ELSEWHERE, REFUSED) else source
        if change in (SQUASH, THREE_WAY):
            parents = [tip, source] if change == THREE_WAY else [tip]
            made = _commit(place, repository, f"{number} merged", parents)
        _pull_request(place, repository, number, change, tip=tip, source=source, made=made)
        tip = made
    return tip


def _commit(place: Place, repository: str, name: str, parents: list[str | None]) -> str:
    id_ = place.hexadecimal(f"{repository} {name}", 40)
    author = {"name": "Jane", "email": "jane@example.com", "date": "1767225600 +0000"}
    place.put(
        "codecommit.commits",
        {
            "_repository": repository,
            "commitId": id_,
            "treeId": place.hexadecimal(f"tree of {id_}", 40),
            "parents": parents,
            "message": "change\n",
            "author": author,
            "committer": author,
        },
    )
    return id_


def _pull_request(
    place: Place,
    repository: str,
    number: int,
    change: str,
    *,
    tip: str | None,
    source: str,
    made: str | None,
) -> None:
    """A fast-forward tells no commit of the merge; one that was refused was not merged."""
    merge: dict[str, bool | str | None] = {"isMerged": change != REFUSED}
    if change != REFUSED:
        merge["mergedBy"] = place.arn("iam", "user/jane")
    if change in (SQUASH, THREE_WAY):
        merge |= {"mergeCommitId": made, "mergeOption": change}
    branch = "develop" if change == MERGED_ELSEWHERE else "main"
    place.put(
        "codecommit.pull_requests",
        {
            "_repository": repository,
            "pullRequestId": str(place.number(f"{repository} {number}", 9_000_000)),
            "title": f"Change {number}",
            "creationDate": place.ago(days=100 - number),
            "lastActivityDate": place.ago(days=100 - number),
            "pullRequestStatus": "CLOSED",
            "authorArn": place.arn("iam", "user/jane"),
            "pullRequestTargets": [
                {
                    "repositoryName": repository,
                    "sourceReference": f"refs/heads/change-{number}",
                    "destinationReference": f"refs/heads/{branch}",
                    "destinationCommit": tip,
                    "sourceCommit": source,
                    "mergeBase": tip,
                    "mergeMetadata": merge,
                }
            ],
        },
    )
