// Clocks, processor time out of /proc, and the histogram of delays.
#include "load.h"
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

uint64_t now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000ULL + (uint64_t)time.tv_nsec / 1000ULL;
}

static int bucket_of(uint64_t us) {
  if (us < 64) return (int)us;
  int power = 63 - __builtin_clzll(us);
  return (power - 5) * 64 + (int)((us >> (power - 6)) & 63);
}

static double bucket_us(int bucket) {
  if (bucket < 64) return bucket;
  int power = bucket / 64 + 5;
  return (double)((64ULL + (uint64_t)(bucket % 64)) << (power - 6)) + (double)(1ULL << (power - 6)) / 2;
}

void histogram_add(struct histogram *histogram, uint64_t us) {
  int bucket = bucket_of(us);
  if (bucket >= 64 * 32) bucket = 64 * 32 - 1;
  histogram->buckets[bucket]++;
  histogram->count++;
  if (us > histogram->max) histogram->max = us;
}

double histogram_ms(const struct histogram *histogram, double quantile) {
  uint64_t rank = (uint64_t)((double)histogram->count * quantile), seen = 0;
  for (int bucket = 0; bucket < 64 * 32; bucket++) {
    seen += histogram->buckets[bucket];
    if (seen > rank) return bucket_us(bucket) / 1000;
  }
  return (double)histogram->max / 1000;
}

static double ticks_per_second(void) { return (double)sysconf(_SC_CLK_TCK); }

static void add_process(int pid, struct usage *usage) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) fail("the server's process %d is gone", pid);
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  // The name stands in brackets and may itself hold spaces; user and system time are the 12th and 13th field behind it.
  const char *fields = strrchr(text, ')');
  unsigned long user = 0, system = 0;
  if (fields != NULL) sscanf(fields + 2, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu", &user, &system);
  usage->server_user += (double)user / ticks_per_second();
  usage->server_system += (double)system / ticks_per_second();
}

struct usage read_usage(void) {
  struct usage usage = {0};
  for (int index = 0; index < options.pid_count; index++) add_process(options.pids[index], &usage);
  struct rusage own;
  getrusage(RUSAGE_SELF, &own);
  usage.own = (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
              (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
  FILE *file = fopen("/proc/stat", "r");
  unsigned long user = 0, nice = 0, system = 0, idle = 0, wait = 0, hard = 0, soft = 0;
  if (file != NULL) {
    if (fscanf(file, "cpu %lu %lu %lu %lu %lu %lu %lu", &user, &nice, &system, &idle, &wait, &hard, &soft) == 7)
      usage.machine = (double)(user + nice + system + hard + soft) / ticks_per_second();
    fclose(file);
  }
  return usage;
}
