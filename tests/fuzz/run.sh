#!/bin/sh
# run.sh SOURCE BUILD [SECONDS [TARGET…]] - build the fuzz targets and run each for SECONDS (default 60) from its seeds.
set -eu
source=$1
build=$2
seconds=${3:-60}
[ $# -le 3 ] && set -- "$source" "$build" "$seconds" load docx pdf quantity bytes decode html markdown clean chrome rows json archive warc
shift 3
mkdir -p "$build/objects"
flags="-std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined"
libraries=$(pkg-config --cflags --libs libutf8proc yaml-0.1 libxml-2.0 md4c uchardet jansson libarchive zlib)
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

# The API: everything but the command line, and the tables of the store.
printf 'fuzz: api, %s s\n' "$seconds"
generated=$build/generated
mkdir -p "$generated/host"
re=$(find /usr/share /usr/local/share -path '*lua/5.4/re.lua' 2>/dev/null | head -n 1)
{ printf 'static const unsigned char th_re_source[] = {'; od -An -v -tu1 "$re" | tr -s ' ' ',' | sed 's/^,//; s/$/,/'
  printf '};\nenum { th_re_source_len = sizeof th_re_source };\n'; } >"$generated/host/re.h"
# shellcheck disable=SC2086,SC2046
clang $flags -fsanitize=fuzzer -DTH_SOURCE_DIR="\"$source\"" -DTH_VERSION='"fuzz"' -I "$source/core" -I "$generated" $(pkg-config --cflags lua5.4) \
    "$source/tests/fuzz/fuzz_api.c" "$source"/core/base/*.c "$source"/core/text/*.c "$source"/core/load/*.c "$source"/core/report/*.c \
    "$source"/core/host/*.c "$source"/core/store/*.c "$source"/core/article.c "$source"/core/record.c "$source"/core/config.c \
    -o "$build/fuzz_api" $libraries $(pkg-config --libs sqlite3 xlsxwriter) \
    "$(find /usr/lib -name liblua5.4-lpeg.a | head -n 1)" "$(find /usr/lib -name liblua5.4.a | head -n 1)" -lm -ldl
mkdir -p "$build/corpus_api" "$source/tests/fuzz/seeds/api"
"$build/fuzz_api" -max_total_time="$seconds" -max_len=600 -timeout=60 -rss_limit_mb=4096 -print_final_stats=1 -artifact_prefix="$build/" \
    "$build/corpus_api" "$source/tests/fuzz/seeds/api" 2>"$build/fuzz_api.log" || { tail -n 60 "$build/fuzz_api.log"; exit 1; }
grep -E 'stat::number_of_executed_units' "$build/fuzz_api.log"
