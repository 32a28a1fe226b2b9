// Reads the command line: pairs of `--name value`, some of them more than once. Tokens come by a file, one a line.
#include "load.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options options = {
    .outstanding = 1, .rate = 1, .seconds = 1, .payload_bytes = 200, .viewer_path = "/", .publisher_path = "/",
    .headers = "", .ready = "", .ready_count = 1, .suffix = "",
};

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

static void append(const char ***list, int *count, const char *value) {
  *list = realloc(*list, sizeof(char *) * (size_t)(*count + 1));
  (*list)[(*count)++] = value;
}

static void read_tokens(const char *file) {
  FILE *stream = fopen(file, "r");
  if (stream == NULL) fail("--tokens %s: found no such file", file);
  char *line = NULL;
  size_t size = 0;
  ssize_t length;
  while ((length = getline(&line, &size, stream)) > 0) {
    if (line[length - 1] == '\n') line[length - 1] = '\0';
    options.tokens = realloc(options.tokens, sizeof(char *) * (size_t)(options.token_count + 1));
    options.tokens[options.token_count++] = strdup(line);
  }
  free(line);
  fclose(stream);
}

static enum mode mode_of(const char *name) {
  static const char *const names[] = {"closed", "open", "idle", "accept"};
  for (int index = 0; index < 4; index++)
    if (strcmp(name, names[index]) == 0) return (enum mode)index;
  fail("--mode %s: expected closed, open, idle or accept", name);
}

void read_options(int argc, char **argv) {
  for (int index = 1; index + 1 < argc; index += 2) {
    const char *name = argv[index], *value = argv[index + 1];
    struct options *to = &options;
    if (strcmp(name, "--mode") == 0) to->mode = mode_of(value);
    else if (strcmp(name, "--port") == 0) to->port = atoi(value);
    else if (strcmp(name, "--viewers") == 0) to->viewers = atoi(value);
    else if (strcmp(name, "--outstanding") == 0) to->outstanding = atoi(value);
    else if (strcmp(name, "--rate") == 0) to->rate = atof(value);
    else if (strcmp(name, "--seconds") == 0) to->seconds = atof(value);
    else if (strcmp(name, "--warm") == 0) to->warm_seconds = atof(value);
    else if (strcmp(name, "--payload") == 0) to->payload_bytes = atoi(value);
    else if (strcmp(name, "--template") == 0) to->template = value;
    else if (strcmp(name, "--viewer-path") == 0) to->viewer_path = value;
    else if (strcmp(name, "--publisher-path") == 0) to->publisher_path = value;
    else if (strcmp(name, "--headers") == 0) to->headers = value;
    else if (strcmp(name, "--token-header") == 0) to->token_header = value;
    else if (strcmp(name, "--tokens") == 0) read_tokens(value);
    else if (strcmp(name, "--hello") == 0) append(&to->hellos, &to->hello_count, value);
    else if (strcmp(name, "--ready") == 0) to->ready = value;
    else if (strcmp(name, "--ready-count") == 0) to->ready_count = atoi(value);
    else if (strcmp(name, "--prefix") == 0) append(&to->prefixes, &to->prefix_count, value);
    else if (strcmp(name, "--suffix") == 0) to->suffix = value;
    else if (strcmp(name, "--engine-io") == 0) to->answers_engine_io = atoi(value) != 0;
    else if (strcmp(name, "--check-order") == 0) to->checks_order = atoi(value) != 0;
    else if (strcmp(name, "--pid") == 0 && to->pid_count < 16) to->pids[to->pid_count++] = atoi(value);
    else fail("%s: found an option that does not exist", name);
  }
  if (options.prefix_count == 0) append(&options.prefixes, &options.prefix_count, "");
}
