/* test_runs.c - the history of runs: events noted beside the store, jobs' times, what is kept; and the one writer's lock. */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/runs.h"
#include "store_fixture.h"

static void note(struct place *place, const char *key, const char *status, int64_t run_id)
{
    th_run_event e = {.key = key, .command = "batch n", .job = "n", .slot = "2026-01-02T03:04:05Z", .status = status, .message = "so \"it\"\nis", .run_id = run_id,
                      .exit_status = 2, .attempts = 1};

    assert_int_equal(th_store_event_note(place->db, &e, &place->err), TH_OK);
}

static void append(struct place *place, const char *text)
{
    char name[128];

    snprintf(name, sizeof name, "%s-events", place->db);
    FILE *f = fopen(name, "a");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void start(struct place *place, int64_t *run)
{
    assert_int_equal(th_store_run_begin(place->store, "run", run, &place->err), TH_OK);
}

static void what_was_noted_becomes_rows_with_the_next_run(void **state)
{
    struct place *place = open_place(state);
    int64_t run;

    note(place, NULL, "refused", 0);
    note(place, NULL, "failed", 0);
    start(place, &run);
    start(place, &run);

    check_query(place, "SELECT job, command, status, slot, message, exit_status FROM run WHERE job IS NOT NULL ORDER BY id",
                "n|batch n|refused|2026-01-02T03:04:05Z|so \"it\"\nis|2\nn|batch n|failed|2026-01-02T03:04:05Z|so \"it\"\nis|2\n");
}

static void an_event_with_a_key_is_one_row(void **state)
{
    struct place *place = open_place(state);
    int64_t run;

    note(place, "missed n 1", "missed", 0);
    start(place, &run);
    note(place, "missed n 1", "missed", 0);
    note(place, "missed n 2", "missed", 0);
    start(place, &run);

    check_query(place, "SELECT group_concat(event) FROM run", "missed n 1,missed n 2\n");
}

static void the_end_of_a_run_that_could_not_be_written_is_made_up_for(void **state)
{
    struct place *place = open_place(state);
    int64_t run, next;

    start(place, &run);
    note(place, NULL, "failed", run);
    start(place, &next);

    check_query(place, "SELECT id, status, exit_status, attempts FROM run", "1|failed|2|1\n2|running|NULL|NULL\n");
}

static void a_note_that_was_cut_off_is_told_and_hinders_nothing(void **state)
{
    struct place *place = open_place(state);
    int64_t run;

    append(place, "{\"at\":\"2026-01-02T03:\n");
    note(place, NULL, "refused", 0);
    start(place, &run);

    check_query(place, "SELECT status, substr(message, 1, 37) FROM run",
                "failed|a note of an event that was cut off: \nrefused|so \"it\"\nis\nrunning|NULL\n");
}

static void a_step_leaves_the_row_of_its_job_running(void **state)
{
    struct place *place = open_place(state);
    int64_t job, step, other;

    assert_int_equal(th_store_run_start(place->store, &(th_run_start){.command = "batch n", .job = "n"}, &job, &place->err), TH_OK);
    assert_int_equal(th_store_run_start(place->store, &(th_run_start){.command = "run", .parent_id = job}, &step, &place->err), TH_OK);
    th_store_run_end(place->store, step, "ok", 1, 2, 3, 4, &place->err);
    check_query(place, "SELECT status FROM run", "running\nok\n");
    assert_int_equal(th_store_job_end(place->store, job, &(th_run_end){"ok", NULL, "said", 0, 1}, &place->err), TH_OK);
    start(place, &other);

    check_query(place, "SELECT status, articles_loaded, articles_run, records, failures, log FROM run WHERE id = 1", "ok|1|2|3|4|said\n");
}

static void a_job_with_another_schedule_is_not_known(void **state)
{
    struct place *place = open_place(state);
    int64_t settled = 0;
    bool known;

    assert_int_equal(th_store_job_settle(place->store, "n", "0 6 * * *", 1234, &place->err), TH_OK);
    assert_int_equal(th_store_job_settled(place->store, "n", "0 6 * * *", &settled, &known, &place->err), TH_OK);
    assert_true(known);
    assert_int_equal(settled, 1234);
    assert_int_equal(th_store_job_settled(place->store, "n", "0 7 * * *", &settled, &known, &place->err), TH_OK);
    assert_false(known);
    assert_int_equal(th_store_job_settled(place->store, "m", "0 6 * * *", &settled, &known, &place->err), TH_OK);
    assert_false(known);
}

static void add_failure(struct place *place, int64_t run, int64_t article, const char *path, const char *plugin)
{
    assert_int_equal(th_store_failure_add(place->store, run, article, path, plugin, TH_ERR_RUNTIME, "m", &place->err), TH_OK);
}

/* The runs began now: with keep_s below 0 all of them are old. */
static void old_runs_go_but_not_what_only_failed_needs(void **state)
{
    struct place *place = open_place(state);
    int64_t plugin_id = housing_plugin(place), covered = save(place, "1.txt", "a"), bare = save(place, "2.txt", "b"), runs[5];
    th_records none = {0};

    assert_int_equal(save_housing(place, covered, plugin_id, &none), TH_OK);
    for (int i = 0; i < 5; i++) {
        start(place, &runs[i]);
        th_store_run_end(place->store, runs[i], "failed", 0, 0, 0, 0, &place->err);
    }
    add_failure(place, runs[0], covered, NULL, "housing"); /* it has results now */
    add_failure(place, runs[1], bare, NULL, "housing");    /* failed again later */
    add_failure(place, runs[2], bare, NULL, "housing");
    add_failure(place, runs[3], 0, "gone.txt", NULL);      /* never loaded */
    assert_int_equal(th_store_history_prune(place->store, 3600, &place->err), TH_OK);
    check_query(place, "SELECT count(*) FROM run", "5\n");

    assert_int_equal(th_store_history_prune(place->store, -5, &place->err), TH_OK);

    check_query(place, "SELECT id FROM run ORDER BY id", "3\n4\n5\n");
    check_query(place, "SELECT run_id, path FROM failure ORDER BY 1", "3|NULL\n4|gone.txt\n");
}

static void a_lock_that_is_lent_opens_the_store_for_the_borrower_alone(void **state)
{
    struct place *place = *state;
    th_lock *lock, *other = NULL;

    assert_int_equal(th_lock_take(&lock, place->db, NULL, &place->err), TH_OK);
    assert_int_equal(th_lock_take(&other, place->db, NULL, &place->err), TH_ERR_BUSY);
    th_error_clear(&place->err);
    th_lock_lend(lock);
    open_place(state);
    th_store_close(place->store);
    place->store = NULL;
    assert_int_equal(th_lock_take(&other, place->db, NULL, &place->err), TH_OK); /* still held: closing did not drop it */
    th_lock_drop(other);
    th_lock_drop(lock);

    assert_null(getenv("TALENTHOST_LOCK"));
    open_place(state);
}

static void a_wrong_word_of_a_lent_lock_opens_nothing(void **state)
{
    struct place *place = open_place(state);
    th_lock *other = NULL;
    static const char *const wrong[] = {"", "x", "-1", "0", "99", "3x"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setenv("TALENTHOST_LOCK", wrong[i], 1);
        th_error_clear(&place->err);
        assert_int_equal(th_lock_take(&other, place->db, NULL, &place->err), TH_ERR_BUSY);
    }
    unsetenv("TALENTHOST_LOCK");
}

static void waiting_ends_when_the_other_one_does(void **state)
{
    struct place *place = *state;
    int ready[2];
    char byte;
    th_lock *lock = NULL;
    th_lock_request request = {.wait_s = 30};

    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) { /* holds it for a while, then dies with it */
        th_lock *held;
        bool ok = th_lock_take(&held, place->db, NULL, NULL) == TH_OK && write(ready[1], "x", 1) == 1;
        usleep(300000);
        _exit(!ok);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);

    assert_int_equal(th_lock_take(&lock, place->db, &request, &place->err), TH_OK);

    th_lock_drop(lock);
    close(ready[0]);
    close(ready[1]);
    waitpid(pid, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_noted_becomes_rows_with_the_next_run),
        TEST(an_event_with_a_key_is_one_row),
        TEST(the_end_of_a_run_that_could_not_be_written_is_made_up_for),
        TEST(a_note_that_was_cut_off_is_told_and_hinders_nothing),
        TEST(a_step_leaves_the_row_of_its_job_running),
        TEST(a_job_with_another_schedule_is_not_known),
        TEST(old_runs_go_but_not_what_only_failed_needs),
        TEST(a_lock_that_is_lent_opens_the_store_for_the_borrower_alone),
        TEST(a_wrong_word_of_a_lent_lock_opens_nothing),
        TEST(waiting_ends_when_the_other_one_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
