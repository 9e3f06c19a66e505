from findings.catalogue.best_practices import best_practices


def test_the_pillar_has_68_best_practices_under_11_questions():
    practices = best_practices()
    assert len(practices) == 68
    assert {practice_id[:5] for practice_id in practices} == {f"OPS{n:02}" for n in range(1, 12)}
