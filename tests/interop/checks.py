"""Runs checks one by one: a line per check, `ok` or `FAIL`, and a count at the end."""

import traceback


def run(modules, stage) -> int:
    """Every module gives its checks by `checks(stage)`: pairs of a name and a call. The exit code."""
    passed, failed = 0, 0
    for module in modules:
        for name, check in module.checks(stage):
            label = name if module.__name__ == "__main__" else f"{module.__name__.replace('_', ' ')}: {name}"
            try:
                seen = check()
            except (Exception, SystemExit) as fault:  # One failing call must not hide the others.
                failed += 1
                print(f"FAIL {label}: {type(fault).__name__}: {fault}", flush=True)
                traceback.print_exc(limit=-3)
            else:
                passed += 1
                print(f"ok {label}: {seen}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0
