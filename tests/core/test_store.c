/* test_store.c - transactions, and everything that can be wrong with a database file. */
#include "store_fixture.h"

/* ---- transactions ---- */

static void rolls_back_what_was_not_committed(void **state)
{
    struct place *place = open_place(state);

    assert_int_equal(th_store_begin(place->store, &place->err), TH_OK);
    save(place, "1.txt", "h1");
    assert_int_equal(th_store_commit(place->store, &place->err), TH_OK);
    th_store_begin(place->store, &place->err);
    save(place, "2.txt", "h2");
    th_store_rollback(place->store);
    th_store_begin(place->store, &place->err);
    save(place, "3.txt", "h3");
    reopen(place, TH_STORE_READ);

    check_query(place, "SELECT group_concat(path) FROM article", "1.txt\n");
}

static void keeps_the_committed_batch_of_a_killed_process(void **state)
{
    struct place *place = *state;
    int status;
    pid_t child = fork();

    if (child == 0) {
        open_place(state);
        th_store_begin(place->store, &place->err);
        save(place, "1.txt", "h1");
        th_store_commit(place->store, &place->err);
        th_store_begin(place->store, &place->err);
        save(place, "2.txt", "h2");
        kill(getpid(), SIGKILL);
    }
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));

    open_place(state);
    check_query(place, "SELECT group_concat(path) FROM article", "1.txt\n");
    check_query(place, "SELECT * FROM pragma_table_info('nothing')", "cid|name|type|notnull|dflt_value|pk\n");
}

static void says_that_the_disk_is_full_and_keeps_the_last_batch(void **state)
{
    struct place *place = open_place(state);
    char path[32];
    th_status status = TH_OK;

    assert_int_equal(th_store_limit_pages(place->store, 60, &place->err), TH_OK);
    th_store_begin(place->store, &place->err);
    save(place, "first.txt", "h");
    th_store_commit(place->store, &place->err);
    th_store_begin(place->store, &place->err);
    for (int i = 0; i < 5000 && status == TH_OK; i++) {
        snprintf(path, sizeof path, "%d.txt", i);
        th_article a = article(path, path);
        status = th_store_article_save(place->store, &a, &place->err);
    }
    th_store_rollback(place->store);

    assert_int_equal(status, TH_ERR_STORE);
    check_message(place, ": the disk is full; everything up to the last finished batch is kept: make room and run again");
    th_error_clear(&place->err);
    check_query(place, "SELECT group_concat(path) FROM article", "first.txt\n");
    th_store_limit_pages(place->store, 100000, &place->err);
    save(place, "again.txt", "h3");
    check_query(place, "SELECT count(*) FROM article", "2\n");
}

static void readers_see_the_last_batch_while_another_is_written(void **state)
{
    struct place *place = open_place(state);
    th_store *writer = place->store;

    save(place, "1.txt", "h1");
    th_store_begin(writer, &place->err);
    save(place, "2.txt", "h2");
    assert_int_equal(th_store_open(&place->store, place->db, TH_STORE_READ, &place->err), TH_OK);

    check_query(place, "SELECT group_concat(path) FROM article", "1.txt\n");
    th_store_close(writer);
}

/* ---- opening ---- */

static void a_second_writer_is_told_who_writes(void **state)
{
    struct place *place = open_place(state);
    th_store *second_writer = NULL;
    char who[160], host[128] = "";

    assert_int_equal(th_store_open(&second_writer, place->db, TH_STORE_WRITE, &place->err), TH_ERR_BUSY);

    assert_null(second_writer);
    gethostname(host, sizeof host - 1);
    snprintf(who, sizeof who, ": being written by process %ld on %s since 20", (long)getpid(), host);
    assert_non_null(strstr(place->err.text, who));
    assert_non_null(strstr(place->err.text, "test_store); wait until it ends, or let --wait do it"));
    th_error_clear(&place->err);
    reopen(place, TH_STORE_WRITE);
}

static void leaves_no_lock_file_and_minds_no_old_one(void **state)
{
    struct place *place = *state;
    char lock[80];

    snprintf(lock, sizeof lock, "%s-lock", place->db);
    write_file(lock, "999999\n");
    open_place(state);
    assert_int_equal(access(lock, F_OK), 0);
    th_store_close(place->store);
    place->store = NULL;

    assert_int_equal(access(lock, F_OK), -1);
}

static void a_database_locked_by_another_program_is_busy(void **state)
{
    struct place *place = open_place(state);
    sqlite3 *other;
    th_status status;

    sqlite3_open(place->db, &other);
    sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    status = th_store_begin(place->store, &place->err); /* waits for its five seconds */
    sqlite3_close(other);

    assert_int_equal(status, TH_ERR_BUSY);
    check_message(place, ": locked by another program; close it and run again");
}

static void names_a_missing_database(void **state)
{
    check_open_fails(*state, TH_STORE_READ, TH_ERR_MISSING, ": no such database; `talenthost run` makes it");
}

static void names_a_missing_folder(void **state)
{
    struct place *place = *state;
    char message[96];

    snprintf(place->db, sizeof place->db, "%s/no/t.db", place->dir);
    snprintf(message, sizeof message, ": there is no folder %s/no; make it first", place->dir);

    check_open_fails(place, TH_STORE_WRITE, TH_ERR_MISSING, message);
    check_open_fails(place, TH_STORE_READ, TH_ERR_MISSING, ": no such database; `talenthost run` makes it");
}

static void refuses_a_folder(void **state)
{
    struct place *place = *state;

    snprintf(place->db, sizeof place->db, "%s", place->dir);

    check_open_fails(place, TH_STORE_WRITE, TH_ERR_STORE, ": a folder, not a database; name a file with --store");
}

static void refuses_a_file_that_is_no_database_and_leaves_it_alone(void **state)
{
    struct place *place = *state;
    struct stat before, after;

    write_file(place->db, "This is a text file that somebody named like a database, long enough for a header of one.\n"
                          "Nothing in it may change.\n");
    stat(place->db, &before);

    check_open_fails(place, TH_STORE_WRITE, TH_ERR_STORE, ": not a database; name another file with --store");
    check_open_fails(place, TH_STORE_READ, TH_ERR_STORE, ": not a database; name another file with --store");
    stat(place->db, &after);
    assert_int_equal(before.st_size, after.st_size);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void an_empty_file_can_be_written_but_not_read(void **state)
{
    struct place *place = *state;

    write_file(place->db, "");

    check_open_fails(place, TH_STORE_READ, TH_ERR_STORE, ": an empty file, not a database; `talenthost run` fills it");
    th_error_clear(&place->err);
    open_place(state);
}

static void refuses_the_database_of_another_program_and_leaves_it_alone(void **state)
{
    struct place *place = *state;

    run_sql(place->db, "CREATE TABLE article (x)");
    check_open_fails(place, TH_STORE_WRITE, TH_ERR_STORE, ": a database of another program; name another file with --store");
    check_open_fails(place, TH_STORE_READ, TH_ERR_STORE, ": a database of another program; name another file with --store");
    run_sql(place->db, "INSERT INTO article VALUES (1)");
}

static void refuses_a_database_of_a_newer_version(void **state)
{
    struct place *place = open_place(state);

    th_store_close(place->store);
    run_sql(place->db, "PRAGMA user_version = 99");

    check_open_fails(place, TH_STORE_WRITE, TH_ERR_STORE, ": written by a newer talenthost (schema 99, this one knows 2); "
                                                          "use that one or another file");
    check_open_fails(place, TH_STORE_READ, TH_ERR_STORE, ": written by a newer talenthost (schema 99, this one knows 2); "
                                                         "use that one or another file");
}

static void says_that_a_database_is_damaged(void **state)
{
    struct place *place = open_place(state);
    char junk[8192];
    int fd;

    save(place, "1.txt", "h1");
    th_store_close(place->store);
    place->store = NULL;
    memset(junk, 0x5A, sizeof junk);
    fd = open(place->db, O_WRONLY);
    for (int page = 2; page <= 4; page++) /* page 1 tells that it is ours; the first tables' roots follow */
        assert_int_equal(pwrite(fd, junk, sizeof junk, (page - 1) * 8192), (ssize_t)sizeof junk);
    close(fd);
    th_article a = article("1.txt", "h2");

    th_status status = th_store_open(&place->store, place->db, TH_STORE_WRITE, &place->err);
    if (status == TH_OK)
        status = th_store_article_save(place->store, &a, &place->err);

    assert_int_equal(status, TH_ERR_STORE);
    check_message(place, ": the database is damaged (database disk image is malformed); restore a copy, or delete it and "
                         "run again");
}

/* Run `check` as a user who may not write everywhere; true when it held. */
static bool as_ordinary_user(struct place *place, bool (*check)(struct place *place))
{
    int status;

    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        _exit(check(place) ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool fails_with(struct place *place, th_store_mode mode, th_status status, const char *part)
{
    th_store *store = NULL;
    th_error err = {0};
    bool ok = th_store_open(&store, place->db, mode, &err) == status && !store && strstr(err.text, part);

    if (!ok)
        fprintf(stderr, "got %d: %s\n", err.status, err.text);
    return ok;
}

static bool is_read_only(struct place *place)
{
    return fails_with(place, TH_STORE_WRITE, TH_ERR_STORE, ": the database is read-only; check the file's permissions");
}

static bool is_unreadable(struct place *place)
{
    return fails_with(place, TH_STORE_READ, TH_ERR_UNREADABLE, ": Permission denied");
}

static bool is_in_a_folder_that_can_be_read_only(struct place *place)
{
    th_store *store = NULL;
    th_error err = {0};
    th_str out = {0};
    bool ok = th_store_open(&store, place->db, TH_STORE_READ, &err) == TH_OK &&
              th_store_query(store, "SELECT path FROM article", NULL, 0, add_row, &out, &err) == TH_OK &&
              strcmp(th_str_text(&out), "1.txt\n") == 0;

    if (!ok)
        fprintf(stderr, "got %d: %s\n", err.status, err.text);
    th_store_close(store);
    th_str_free(&out);
    return ok && fails_with(place, TH_STORE_WRITE, TH_ERR_IO, "-lock: Permission denied");
}

static void permissions_are_respected_and_named(void **state)
{
    struct place *place = open_place(state);

    save(place, "1.txt", "h1");
    th_store_close(place->store);
    place->store = NULL;

    chmod(place->dir, 0777);
    chmod(place->db, 0444);
    assert_true(as_ordinary_user(place, is_read_only));
    chmod(place->db, 0);
    assert_true(as_ordinary_user(place, is_unreadable));
    chmod(place->db, 0666);
    chmod(place->dir, 0555);
    assert_true(as_ordinary_user(place, is_in_a_folder_that_can_be_read_only));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rolls_back_what_was_not_committed),
        TEST(keeps_the_committed_batch_of_a_killed_process),
        TEST(says_that_the_disk_is_full_and_keeps_the_last_batch),
        TEST(readers_see_the_last_batch_while_another_is_written),
        TEST(a_second_writer_is_told_who_writes),
        TEST(leaves_no_lock_file_and_minds_no_old_one),
        TEST(a_database_locked_by_another_program_is_busy),
        TEST(names_a_missing_database),
        TEST(names_a_missing_folder),
        TEST(refuses_a_folder),
        TEST(refuses_a_file_that_is_no_database_and_leaves_it_alone),
        TEST(an_empty_file_can_be_written_but_not_read),
        TEST(refuses_the_database_of_another_program_and_leaves_it_alone),
        TEST(refuses_a_database_of_a_newer_version),
        TEST(says_that_a_database_is_damaged),
        TEST(permissions_are_respected_and_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
