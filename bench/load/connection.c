// One WebSocket connection: handshake, frames in, frames out (RFC 6455). Frames are masked with zeros, which is a mask.
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES (2 * 1024 * 1024)
static char buffer[BUFFER_BYTES];

static void watch(struct connection *connection, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  if (epoll_ctl(epoll_fd, operation, connection->fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}

void connection_begin(struct connection *connection, int index, bool is_publisher) {
  *connection = (struct connection){.index = index, .is_publisher = is_publisher, .state = STATE_CONNECTING};
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (connection->fd < 0) fail("socket: %s; raise `ulimit -n`", strerror(errno));
  int on = 1;
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS)
    fail("connect: %s", strerror(errno));
  watch(connection, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

static void close_quietly(struct connection *connection) {
  if (connection->state == STATE_OPEN) open_connections--;
  connection->state = STATE_CLOSED;
  close(connection->fd);
  free(connection->rest);
  free(connection->unsent);
  connection->rest = connection->unsent = NULL;
  connection->rest_length = connection->unsent_length = 0;
}

void connection_abort(struct connection *connection) {
  if (connection->state == STATE_CLOSED) return;
  // Without a time-wait, or the next run would run out of ports.
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  close_quietly(connection);
}

static void lost(struct connection *connection, const char *why) {
  if (tally.failed++ == 0) fprintf(stderr, "connection %d: %s\n", connection->index, why);
  connection_abort(connection);
}

static void send_bytes(struct connection *connection, const char *bytes, size_t length) {
  size_t sent = 0;
  if (connection->unsent_length == 0) {
    ssize_t taken = send(connection->fd, bytes, length, MSG_NOSIGNAL);
    if (taken > 0) sent = (size_t)taken;
    if (sent == length) return;
  }
  size_t more = length - sent;
  connection->unsent = realloc(connection->unsent, connection->unsent_length + more);
  memcpy(connection->unsent + connection->unsent_length, bytes + sent, more);
  connection->unsent_length += more;
  watch(connection, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

static void send_rest(struct connection *connection) {
  ssize_t taken = send(connection->fd, connection->unsent, connection->unsent_length, MSG_NOSIGNAL);
  if (taken > 0) {
    connection->unsent_length -= (size_t)taken;
    memmove(connection->unsent, connection->unsent + taken, connection->unsent_length);
  }
  if (connection->unsent_length == 0) watch(connection, EPOLL_CTL_MOD, EPOLLIN);
}

static void send_frame(struct connection *connection, int opcode, const char *const *pieces, const size_t *lengths,
                       int count) {
  char frame[4096];
  size_t length = 0, at = 0;
  for (int index = 0; index < count; index++) length += lengths[index];
  if (length > sizeof frame - 8) fail("found a frame of %zu bytes to send, expected less", length);
  frame[at++] = (char)(0x80 | opcode);
  if (length < 126) {
    frame[at++] = (char)(0x80 | length);
  } else {
    frame[at++] = (char)(0x80 | 126);
    frame[at++] = (char)(length >> 8);
    frame[at++] = (char)length;
  }
  memset(frame + at, 0, 4);
  at += 4;
  for (int index = 0; index < count; index++) {
    memcpy(frame + at, pieces[index], lengths[index]);
    at += lengths[index];
  }
  send_bytes(connection, frame, at);
}

void connection_send_text(struct connection *connection, const char *const *pieces, const size_t *lengths, int count) {
  send_frame(connection, 1, pieces, lengths, count);
}

static void send_line(struct connection *connection, const char *text) {
  size_t length = strlen(text);
  connection_send_text(connection, &text, &length, 1);
}

static void send_handshake(struct connection *connection) {
  char request[8192];
  const char *path = connection->is_publisher ? options.publisher_path : options.viewer_path;
  bool has_token = options.token_header != NULL && options.token_count > 0;
  // The publisher has the first token to itself.
  int token = connection->is_publisher ? 0 : 1 + connection->index % (options.token_count > 1 ? options.token_count - 1 : 1);
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n%s%s%s%s\r\n",
                        path, options.port, options.headers, has_token ? options.token_header : "",
                        has_token ? options.tokens[token % options.token_count] : "", has_token ? "\r\n" : "");
  connection->state = STATE_UPGRADING;
  watch(connection, EPOLL_CTL_MOD, EPOLLIN);
  send_bytes(connection, request, (size_t)length);
}

static void opened(struct connection *connection) {
  connection->state = STATE_OPEN;
  open_connections++;
  on_open(connection);
}

/** Reads the answer to the handshake; answers how many bytes it had, 0 while it is not complete. */
static size_t read_handshake(struct connection *connection, const char *bytes, size_t length) {
  const char *end = memmem(bytes, length, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  if (length < 12 || memcmp(bytes + 9, "101", 3) != 0) {
    fail("found the answer \"%.*s\" to a handshake, expected 101", (int)(length < 300 ? length : 300), bytes);
  }
  connection->state = STATE_OPENING;
  tally.handshakes++;
  for (int index = 0; index < options.hello_count && !connection->is_publisher; index++)
    send_line(connection, options.hellos[index]);
  if (connection->is_publisher && options.answers_engine_io) send_line(connection, "40");
  if (connection->is_publisher || options.ready[0] == '\0') opened(connection);
  return (size_t)(end + 4 - bytes);
}

static uint64_t digits(const char *text, int count) {
  uint64_t value = 0;
  for (int index = 0; index < count; index++) value = value * 10 + (uint64_t)(text[index] - '0');
  return value;
}

static void read_text(struct connection *connection, const char *text, size_t length, uint64_t now) {
  if (options.answers_engine_io && length == 1 && text[0] == '2') return send_line(connection, "3");
  if (connection->is_publisher) {
    if (memmem(text, length < 40 ? length : 40, "\"error\"", 7) != NULL)
      fail("a publish was answered \"%.*s\"", (int)(length < 300 ? length : 300), text);
    return;
  }
  if (connection->state == STATE_OPENING) {
    if (memmem(text, length, options.ready, strlen(options.ready)) == NULL) return;
    if (++connection->ready_seen == options.ready_count) opened(connection);
    return;
  }
  tally.frames++;
  const char *at = text, *end = text + length;
  while ((at = memmem(at, (size_t)(end - at), MARK, sizeof MARK - 1)) != NULL) {
    // {"sentAt":1000000000000000,"number":1000000000,"text":"…"}
    uint64_t sent = digits(at + sizeof MARK - 1, 16) - FIRST_US, number = digits(at + 35, 10) - FIRST_NUMBER;
    tally.deliveries++;
    histogram_add(&tally.latency, now > sent ? now - sent : 0);
    if (options.checks_order && connection->last_number != 0 && number != connection->last_number + 1) tally.wrong++;
    connection->last_number = number;
    on_delivery(number);
    at += options.payload_bytes - 2;
    if (at > end) break;
  }
}

/** Reads one frame; answers how many bytes it had, 0 while it is not complete. */
static size_t read_frame(struct connection *connection, const char *bytes, size_t length, uint64_t now) {
  if (length < 2) return 0;
  const unsigned char *header = (const unsigned char *)bytes;
  size_t payload = header[1] & 0x7f, at = 2;
  if (payload == 126) {
    if (length < 4) return 0;
    payload = (size_t)header[2] << 8 | header[3];
    at = 4;
  } else if (payload == 127) {
    if (length < 10) return 0;
    payload = 0;
    for (int index = 2; index < 10; index++) payload = payload << 8 | header[index];
    at = 10;
  }
  if (at + payload > BUFFER_BYTES / 2) fail("found a frame of %zu bytes, expected less", payload);
  if (length < at + payload) return 0;
  int opcode = header[0] & 0x0f;
  const char *text = bytes + at;
  if (opcode == 9) send_frame(connection, 10, &text, &payload, 1);
  else if (opcode == 8) fail("connection %d was closed: %.*s", connection->index, (int)(payload > 2 ? payload - 2 : 0), text + 2);
  else if (opcode != 10) {
    size_t text_length = payload;
    if (header[0] & 0x40) text = inflated(text, payload, &text_length);
    read_text(connection, text, text_length, now);
  }
  return at + payload;
}

static void read_some(struct connection *connection) {
  size_t length = connection->rest_length;
  if (length > 0) memcpy(buffer, connection->rest, length);
  ssize_t received = recv(connection->fd, buffer + length, BUFFER_BYTES - length, 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (received <= 0) return lost(connection, received == 0 ? "closed by the server" : strerror(errno));
  tally.reads++;
  tally.bytes += (uint64_t)received;
  length += (size_t)received;
  uint64_t now = now_us();
  size_t at = 0;
  while (at < length && connection->state != STATE_CLOSED) {
    size_t used = connection->state == STATE_UPGRADING ? read_handshake(connection, buffer + at, length - at)
                                                       : read_frame(connection, buffer + at, length - at, now);
    if (used == 0) break;
    at += used;
  }
  if (connection->state == STATE_CLOSED) return;
  size_t rest = length - at;
  if (rest > 0) {
    connection->rest = realloc(connection->rest, rest);
    memcpy(connection->rest, buffer + at, rest);
  }
  connection->rest_length = rest;
}

void connection_handle(struct connection *connection, uint32_t events) {
  if (connection->state == STATE_CLOSED) return;
  if (connection->state == STATE_CONNECTING) {
    if (events & (EPOLLERR | EPOLLHUP)) return lost(connection, "refused");
    if (events & EPOLLOUT) send_handshake(connection);
    return;
  }
  if ((events & EPOLLOUT) && connection->unsent_length > 0) send_rest(connection);
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_some(connection);
}
