// A load generator for WebSocket servers: connects viewers and one publisher, publishes in a closed or open loop, and
// prints one line of JSON when all are connected and one with what it measured. Idle, it stays until its input ends.
#include "load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <errno.h>

#define RING 65536
#define CONNECTING_AT_ONCE 200
#define EVENTS 512

struct tally tally;
int open_connections;
int epoll_fd;

static struct connection *viewers;
static struct connection publisher;
static int begun, underway;
static uint64_t next_number = 1;
static uint32_t missing_of[RING];
static int outstanding;

void on_open(struct connection *connection) {
  if (connection->is_publisher) return;
  if (options.mode == MODE_ACCEPT) connection_abort(connection);
  else underway--;
}

void on_delivery(uint64_t number) {
  uint32_t *missing = &missing_of[number % RING];
  if (*missing > 0 && --*missing == 0) outstanding--;
}

/** Writes `length` bytes of random letters as one field, or the template with its digits filled in. */
static void say(char *to, int length) {
  static uint32_t state = 1;
  static char letters[4096];
  if (options.template != NULL) {
    for (int index = 0; index < length; index++) {
      if (options.template[index] == '#') state = state * 1664525u + 1013904223u;
      to[index] = options.template[index] == '#' ? (char)('0' + (state >> 24) % 10) : options.template[index];
    }
    return;
  }
  if (letters[0] == '\0') {
    for (int index = 0; index < (int)sizeof letters - 1; index++) {
      state = state * 1664525u + 1013904223u;
      letters[index] = (char)('a' + (state >> 24) % 26);
    }
  }
  memcpy(to, "\"text\":\"", 8);
  memcpy(to + 8, letters + next_number % 64, (size_t)length - 9);
  to[length - 1] = '"';
}

static void publish(void) {
  static char payload[4096];
  if (publisher.unsent_length > 0) {
    tally.held_back++;
    return;
  }
  int head = snprintf(payload, sizeof payload, "{" MARK "%llu,\"number\":%llu,",
                      (unsigned long long)(FIRST_US + now_us()), (unsigned long long)(FIRST_NUMBER + next_number));
  if (options.template != NULL) options.payload_bytes = head + (int)strlen(options.template) + 1;
  int rest = options.payload_bytes - head - 1;
  if (rest < 9 || options.payload_bytes > (int)sizeof payload)
    fail("found a payload of %d bytes, expected %d to %zu", options.payload_bytes, head + 10, sizeof payload);
  say(payload + head, rest);
  payload[head + rest] = '}';
  const char *prefix = options.prefixes[next_number % (uint64_t)options.prefix_count];
  const char *pieces[] = {prefix, payload, options.suffix};
  size_t lengths[] = {strlen(prefix), (size_t)options.payload_bytes, strlen(options.suffix)};
  missing_of[next_number % RING] = (uint32_t)options.viewers;
  connection_send_text(&publisher, pieces, lengths, 3);
  outstanding++;
  next_number++;
  tally.published++;
}

static void handle_events(int timeout_ms) {
  struct epoll_event events[EVENTS];
  int count = epoll_wait(epoll_fd, events, EVENTS, timeout_ms);
  if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
  for (int index = 0; index < count; index++) connection_handle(events[index].data.ptr, events[index].events);
}

static void connect_all(void) {
  uint64_t until = now_us() + 180000000ULL;
  if (options.mode != MODE_IDLE) connection_begin(&publisher, 0, true);
  while (publisher.state != STATE_OPEN && options.mode != MODE_IDLE && now_us() < until) handle_events(100);
  while (open_connections < options.viewers + (options.mode == MODE_IDLE ? 0 : 1)) {
    for (; begun < options.viewers && underway < CONNECTING_AT_ONCE; underway++, begun++)
      connection_begin(&viewers[begun], begun, false);
    handle_events(100);
    if (now_us() > until) fail("found %d of %d viewers connected after 180 s", open_connections, options.viewers);
  }
}

/** How long a closed loop may go on while its server does not get the processor, in times of `--seconds`. */
#define PATIENCE 10
#define LOOK_EVERY_US 10000

/**
 * Whether the server has had so much processor time: what it does with a second of it is then the same on a busy machine,
 * which would otherwise be measured while it warms up.
 */
static bool has_had(double server_seconds, double patience_seconds, struct usage start, uint64_t start_us) {
  static uint64_t next_look;
  uint64_t now = now_us();
  if (now < next_look) return false;
  next_look = now + LOOK_EVERY_US;
  if ((double)(now - start_us) / 1e6 > patience_seconds) return true;
  struct usage usage = read_usage();
  double had = usage.server_user + usage.server_system - start.server_user - start.server_system;
  return had >= server_seconds;
}

/** A closed loop polls and naps: a thread that sleeps in epoll_wait makes each send pay for waking it. */
static void run_closed(double seconds) {
  const struct timespec nap = {.tv_nsec = 60000};
  const struct usage start = read_usage();
  const uint64_t start_us = now_us();
  while (!has_had(seconds, seconds * PATIENCE, start, start_us)) {
    while (outstanding < options.outstanding && publisher.unsent_length == 0) publish();
    struct epoll_event events[EVENTS];
    int count = epoll_wait(epoll_fd, events, EVENTS, 0);
    for (int index = 0; index < count; index++) connection_handle(events[index].data.ptr, events[index].events);
    if (count == 0) nanosleep(&nap, NULL);
  }
}

static void run_open(double seconds) {
  double every_us = 1e6 / options.rate;
  double next = (double)now_us();
  uint64_t until = now_us() + (uint64_t)(seconds * 1e6);
  for (uint64_t now = now_us(); now < until; now = now_us()) {
    for (; next <= (double)now; next += every_us) publish();
    int wait_ms = (int)((next - (double)now) / 1000);
    handle_events(wait_ms < 1 ? 1 : wait_ms);
  }
}

static void run_accept(double seconds) {
  const struct usage start = read_usage();
  const uint64_t start_us = now_us();
  while (!has_had(seconds, seconds * PATIENCE, start, start_us)) {
    for (int index = 0; index < options.viewers; index++)
      if (viewers[index].state == STATE_CLOSED) connection_begin(&viewers[index], begun++, false);
    handle_events(10);
  }
}

static void run(double seconds) {
  if (options.mode == MODE_CLOSED) run_closed(seconds);
  else if (options.mode == MODE_OPEN) run_open(seconds);
  else run_accept(seconds);
}

static void drain(uint64_t until) {
  while (outstanding > 0 && now_us() < until) handle_events(20);
}

static void print_result(double seconds, struct usage before, struct usage after) {
  double server = after.server_user + after.server_system - before.server_user - before.server_system;
  double own = after.own - before.own;
  printf("{\"seconds\":%.4f,\"published\":%llu,\"heldBack\":%llu,\"deliveries\":%llu,\"frames\":%llu,\"reads\":%llu,"
         "\"bytes\":%llu,\"wrong\":%llu,\"handshakes\":%llu,\"failed\":%llu,",
         seconds, (unsigned long long)tally.published, (unsigned long long)tally.held_back,
         (unsigned long long)tally.deliveries, (unsigned long long)tally.frames, (unsigned long long)tally.reads,
         (unsigned long long)tally.bytes, (unsigned long long)tally.wrong, (unsigned long long)tally.handshakes,
         (unsigned long long)tally.failed);
  printf("\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"p999Ms\":%.3f,\"maxMs\":%.3f,", histogram_ms(&tally.latency, 0.5),
         histogram_ms(&tally.latency, 0.99), histogram_ms(&tally.latency, 0.999), (double)tally.latency.max / 1000);
  printf("\"serverUserSeconds\":%.3f,\"serverSystemSeconds\":%.3f,\"ownSeconds\":%.3f,\"foreignSeconds\":%.3f",
         after.server_user - before.server_user, after.server_system - before.server_system, own,
         after.machine - before.machine - server - own);
}

int main(int argc, char **argv) {
  read_options(argc, argv);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  epoll_fd = epoll_create1(0);
  viewers = calloc((size_t)options.viewers, sizeof *viewers);
  for (int index = 0; index < options.viewers; index++) viewers[index].state = STATE_CLOSED;

  if (options.mode != MODE_ACCEPT) connect_all();
  printf("{\"viewers\":%d}\n", open_connections);
  fflush(stdout);

  if (options.mode == MODE_IDLE) {
    // Answers pings until its input ends.
    struct connection input = {.state = STATE_CLOSED};
    struct epoll_event event = {.events = EPOLLIN | EPOLLHUP, .data.ptr = &input};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &event);
    for (bool is_over = false; !is_over;) {
      struct epoll_event events[EVENTS];
      int count = epoll_wait(epoll_fd, events, EVENTS, -1);
      for (int index = 0; index < count; index++) {
        char byte;
        if (events[index].data.ptr == &input) is_over = read(0, &byte, 1) <= 0;
        else connection_handle(events[index].data.ptr, events[index].events);
      }
    }
    printf("{\"viewers\":%d,\"failed\":%llu}\n", open_connections, (unsigned long long)tally.failed);
    return 0;
  }

  run(options.warm_seconds);
  for (int index = 0; options.mode == MODE_ACCEPT && index < options.viewers; index++) connection_abort(&viewers[index]);
  memset(&tally, 0, sizeof tally);
  struct usage before = read_usage();
  uint64_t start = now_us();
  run(options.seconds);
  double seconds = (double)(now_us() - start) / 1e6;
  struct usage after = read_usage();
  print_result(seconds, before, after);
  if (options.mode != MODE_ACCEPT) drain(now_us() + 2000000ULL);
  printf(",\"undelivered\":%d}\n", outstanding);
  return 0;
}
