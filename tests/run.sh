#!/bin/sh
# run.sh SOURCE BUILD [--all] - run every test, plain and under the sanitizers, and count them.
set -u
source=$1
build=$2
log=$build/tests.log
: >"$log"
failed=0

# suite NAME COMMAND…: run one part, keep what it says, show it when it fails.
suite() {
    name=$1
    shift
    printf 'tests: %s\n' "$name"
    part=$build/part.log
    if ! "$@" >"$part" 2>&1; then
        failed=$((failed + 1))
        grep -E 'FAIL|ERROR|rror:|Assert|not ok|skipped' "$part" | head -n 60
        tail -n 40 "$part"
        printf 'tests: %s FAILED\n' "$name"
    fi
    cat "$part" >>"$log"
}

[ "${3:-}" != "--all" ] || export TALENTHOST_ALL=1
for kind in test sanitized; do
    suite "core, $kind build" ctest --test-dir "$build/$kind" --verbose -j 2
done
suite "instructions" python3 "$source/tests/bench/instructions.py" --program "$build/talenthost" \
    --gentle "$build/tests/bench/libbench_gentle.so" --check
suite "end to end" env TALENTHOST_EVERY_USER=1 TALENTHOST_PROGRAM="$build/talenthost" python3 "$source/tests/e2e/run.py" --jobs 3
suite "end to end, sanitized" env -u TALENTHOST_ALL TALENTHOST_PROGRAM="$build/sanitized/talenthost" \
    TALENTHOST_SLOW=10 \
    python3 "$source/tests/e2e/run.py" --jobs 3
if [ "${3:-}" != "--all" ]; then
    printf 'left out (./dev test --all): the report in a browser, documents of office programs, fuzzing of the loader, a 100 MB table, jobs under a cron daemon\n'
else
    suite "the report in a browser" env TALENTHOST_PROGRAM="$build/talenthost" PYTHONPATH="$source/tests/browser" \
        python3 "$source/tests/browser/test_page.py"
    suite "documents of office programs" env TALENTHOST_ALL=1 TALENTHOST_PROGRAM="$build/talenthost" \
        python3 "$source/tests/e2e/run.py" test_office
    suite "fuzzing" sh "$source/tests/fuzz/run.sh" "$source" "$build/fuzz" 120
fi

# cmocka says how many passed and failed; the end-to-end runner ends in "N passed, N failed, N skipped".
counts=$(awk '
    /\[  PASSED  \] [0-9]+ test/ { for (i = 1; i <= NF; i++) if ($i == "PASSED") passed += $(i + 2) }
    /\[  FAILED  \] [0-9]+ test\(s\), listed/ { for (i = 1; i <= NF; i++) if ($i == "FAILED") bad += $(i + 2) }
    /^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { passed += $1; bad += $3; skipped += $5 }
    END { printf "%d %d %d", passed, bad, skipped }' "$log")
# shellcheck disable=SC2086
set -- $counts
bad=$2
[ "$failed" -eq 0 ] || [ "$bad" -gt 0 ] || bad=$failed
printf '%d passed, %d failed, %d skipped\n' "$1" "$bad" "$3"
[ "$bad" -eq 0 ]
