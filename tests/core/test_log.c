/* test_log.c - lines on standard error, seen through a pipe and through a terminal. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* posix_openpt */
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/log.h"

struct capture {
    int saved, reader;
    char text[8192];
};

static void begin(struct capture *c, int reader, int writer)
{
    c->saved = dup(STDERR_FILENO);
    c->reader = reader;
    dup2(writer, STDERR_FILENO);
    close(writer);
}

static void begin_pipe(struct capture *c)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    begin(c, ends[0], ends[1]);
}

static void begin_terminal(struct capture *c)
{
    struct termios mode;
    int master = posix_openpt(O_RDWR | O_NOCTTY);

    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        skip();
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (slave < 0)
        skip();
    tcgetattr(slave, &mode);
    cfmakeraw(&mode);
    tcsetattr(slave, TCSANOW, &mode);
    begin(c, master, slave);
}

/* What was written since the beginning. */
static const char *end(struct capture *c)
{
    size_t len = 0;
    ssize_t got;

    fcntl(c->reader, F_SETFL, O_NONBLOCK);
    while (len + 1 < sizeof c->text && (got = read(c->reader, c->text + len, sizeof c->text - 1 - len)) > 0)
        len += (size_t)got;
    c->text[len] = '\0';
    dup2(c->saved, STDERR_FILENO);
    close(c->saved);
    close(c->reader);
    return c->text;
}

static int reset_level(void **state)
{
    (void)state;
    th_log_set_level(TH_LOG_INFO);
    return 0;
}

static void writes_one_line_with_its_level(void **state)
{
    struct capture c;
    (void)state;

    begin_pipe(&c);
    th_log(TH_LOG_INFO, "%d articles", 5);
    th_log(TH_LOG_WARN, "careful");
    th_log(TH_LOG_ERROR, "文章 %s", "a.md");

    assert_string_equal(end(&c), "talenthost: 5 articles\ntalenthost: warning: careful\ntalenthost: error: 文章 a.md\n");
}

static void leaves_out_lines_below_the_level(void **state)
{
    struct capture c;
    (void)state;

    begin_pipe(&c);
    th_log(TH_LOG_DEBUG, "hidden");
    th_log_set_level(TH_LOG_DEBUG);
    th_log(TH_LOG_DEBUG, "shown");
    th_log_set_level(TH_LOG_ERROR);
    th_log(TH_LOG_WARN, "hidden");

    assert_string_equal(end(&c), "talenthost: debug: shown\n");
}

static void turns_control_characters_into_spaces(void **state)
{
    struct capture c;
    (void)state;

    begin_pipe(&c);
    th_log(TH_LOG_INFO, "%s", "a\nb\x1B[31mc\td\x7F" "e\xC2\x9B" "f\x9Bg人\xE2\x80\x9C");

    assert_string_equal(end(&c), "talenthost: a b [31mc d e  f g人\xE2\x80\x9C\n");
}

static void keeps_a_giant_message_on_one_closed_line(void **state)
{
    struct capture c;
    char big[6000];
    (void)state;

    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    begin_pipe(&c);
    th_log(TH_LOG_INFO, "%s", big);
    const char *text = end(&c);

    assert_in_range(strlen(text), 1000, 4096);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void draws_no_progress_into_a_file(void **state)
{
    struct capture c;
    (void)state;

    begin_pipe(&c);
    th_progress("articles", 1, 10);
    th_progress_end();

    assert_string_equal(end(&c), "");
}

static void draws_progress_on_a_terminal_and_wipes_it_for_a_line(void **state)
{
    struct capture c;
    (void)state;

    begin_terminal(&c);
    usleep(110 * 1000);
    th_progress("articles", 1, 10);
    th_progress("articles", 2, 10); /* too soon to be drawn */
    th_log(TH_LOG_INFO, "a line");
    th_progress_end();

    assert_string_equal(end(&c), "\r\033[Karticles 1/10\r\033[Ktalenthost: a line\n");
}

static void hides_progress_from_who_wants_only_errors(void **state)
{
    struct capture c;
    (void)state;

    th_log_set_level(TH_LOG_ERROR);
    begin_terminal(&c);
    usleep(110 * 1000);
    th_progress("articles", 1, 10);

    assert_string_equal(end(&c), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset_level, reset_level)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_one_line_with_its_level),
        TEST(leaves_out_lines_below_the_level),
        TEST(turns_control_characters_into_spaces),
        TEST(keeps_a_giant_message_on_one_closed_line),
        TEST(draws_no_progress_into_a_file),
        TEST(draws_progress_on_a_terminal_and_wipes_it_for_a_line),
        TEST(hides_progress_from_who_wants_only_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
