// The load generator's parts and what they share. One thread, one epoll; it must never be what is measured, so it
// parses nothing but WebSocket headers and finds messages by a mark in them.
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mode { MODE_CLOSED, MODE_OPEN, MODE_IDLE, MODE_ACCEPT };

/** What it was told to do, by `--name value` pairs; see options.c for each. */
struct options {
  enum mode mode;
  int port;
  int viewers;
  int outstanding;
  double rate;
  double seconds;
  double warm_seconds;
  int payload_bytes;
  /** What a message says, with # for each digit that changes; NULL: random letters. */
  const char *template;
  const char *viewer_path;
  const char *publisher_path;
  const char *headers;
  const char *token_header;
  char **tokens;
  int token_count;
  const char **hellos;
  int hello_count;
  const char *ready;
  int ready_count;
  const char **prefixes;
  int prefix_count;
  const char *suffix;
  bool answers_engine_io;
  bool checks_order;
  int pids[16];
  int pid_count;
};

extern struct options options;
void read_options(int argc, char **argv);
__attribute__((noreturn)) void fail(const char *format, ...);

/** Latencies in microseconds, in buckets of about 1.5 %. */
struct histogram {
  uint64_t buckets[64 * 32];
  uint64_t count;
  uint64_t max;
};
void histogram_add(struct histogram *histogram, uint64_t us);
double histogram_ms(const struct histogram *histogram, double quantile);

/** Microseconds of the monotonic clock. */
uint64_t now_us(void);

/** Processor time, in seconds: of the server's processes, of this one, and of the whole machine. */
struct usage {
  double server_user, server_system, own, machine;
};
struct usage read_usage(void);

enum state { STATE_CONNECTING, STATE_UPGRADING, STATE_OPENING, STATE_OPEN, STATE_CLOSED };

struct connection {
  int fd;
  enum state state;
  bool is_publisher;
  int index;
  int ready_seen;
  uint64_t last_number;
  /** The beginning of a frame whose rest has not arrived. */
  char *rest;
  size_t rest_length;
  /** What the kernel did not take yet. */
  char *unsent;
  size_t unsent_length;
};

/** What was received while it counts. */
struct tally {
  uint64_t published, held_back, deliveries, frames, reads, bytes, wrong, handshakes, failed;
  struct histogram latency;
};
extern struct tally tally;
extern int open_connections;
extern int epoll_fd;

/** The text of a compressed payload; good until so many others have come. */
const char *inflated(const char *bytes, size_t length, size_t *text_length);

void connection_begin(struct connection *connection, int index, bool is_publisher);
void connection_handle(struct connection *connection, uint32_t events);
void connection_send_text(struct connection *connection, const char *const *pieces, const size_t *lengths, int count);
void connection_abort(struct connection *connection);

/** Called when a connection has all it waited for, and when a message with this number arrived. */
void on_open(struct connection *connection);
void on_delivery(uint64_t number);

/** First microsecond and first number: so that both always have the same number of digits. */
#define FIRST_US 1000000000000000ULL
#define FIRST_NUMBER 1000000000ULL
#define MARK "\"sentAt\":"

#endif
