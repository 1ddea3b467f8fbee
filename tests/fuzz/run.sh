#!/bin/sh
# run.sh SOURCE BUILD [SECONDS [TARGET…]] - build the fuzz targets and run each for SECONDS (default 60) from its seeds.
set -eu
source=$1
build=$2
seconds=${3:-60}
[ $# -le 3 ] && set -- "$source" "$build" "$seconds" load quantity bytes decode html markdown clean chrome
shift 3
mkdir -p "$build/objects"
flags="-std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined"
libraries=$(pkg-config --cflags --libs libutf8proc yaml-0.1 libxml-2.0 md4c uchardet jansson)
# What the targets share is compiled once.
for file in "$source"/core/base/*.c "$source"/core/text/*.c "$source"/core/load/*.c "$source/core/article.c" "$source/core/record.c"; do
    object=$build/objects/$(basename "$(dirname "$file")")-$(basename "$file").o
    [ "$object" -nt "$file" ] && continue
    # shellcheck disable=SC2086
    clang $flags -fsanitize=fuzzer-no-link -I "$source/core" $(pkg-config --cflags libxml-2.0) -c "$file" -o "$object"
done
for target in "$@"; do
    printf 'fuzz: %s, %s s\n' "$target" "$seconds"
    # shellcheck disable=SC2086
    clang $flags -fsanitize=fuzzer -DTH_SOURCE_DIR="\"$source\"" -I "$source/core" "$source/tests/fuzz/fuzz_$target.c" \
        "$build"/objects/*.o -o "$build/fuzz_$target" $libraries -lm
    mkdir -p "$build/corpus_$target" "$source/tests/fuzz/seeds/$target"
    "$build/fuzz_$target" -max_total_time="$seconds" -max_len=20000 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="$build/" "$build/corpus_$target" "$source/tests/fuzz/seeds/$target" "$source/samples/articles" \
        "$source/tests/fixtures/load/pages" 2>"$build/fuzz_$target.log" ||
        { tail -n 40 "$build/fuzz_$target.log"; exit 1; }
    grep -E 'stat::number_of_executed_units' "$build/fuzz_$target.log"
done
