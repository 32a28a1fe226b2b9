// Inflates what a server compressed (RFC 1951), without a library, since not every machine has its headers. A frame that
// many viewers share comes many times: it is inflated once and recognised afterwards, so that the generator stays cheap.
#include "load.h"
#include <stdlib.h>
#include <string.h>

#define MOST_BITS 15
#define ROOM (1024 * 1024)
#define REMEMBERED 64

struct reader {
  const unsigned char *bytes;
  size_t length, at;
  uint32_t held;
  int held_bits;
};

/** Codes of one alphabet: how many there are of each length, and their symbols in order. */
struct codes {
  uint16_t count[MOST_BITS + 1];
  uint16_t symbols[288];
};

static uint32_t bits(struct reader *reader, int count) {
  while (reader->held_bits < count) {
    uint32_t next = reader->at < reader->length ? reader->bytes[reader->at] : 0;
    if (reader->at++ > reader->length + 4) fail("found a compressed frame that ends too early");
    reader->held |= next << reader->held_bits;
    reader->held_bits += 8;
  }
  uint32_t value = reader->held & ((1u << count) - 1);
  reader->held >>= count;
  reader->held_bits -= count;
  return value;
}

static void make_codes(struct codes *codes, const uint8_t *lengths, int count) {
  uint16_t next[MOST_BITS + 2] = {0};
  memset(codes->count, 0, sizeof codes->count);
  for (int symbol = 0; symbol < count; symbol++) codes->count[lengths[symbol]]++;
  codes->count[0] = 0;
  for (int length = 1; length <= MOST_BITS; length++) next[length + 1] = (uint16_t)(next[length] + codes->count[length]);
  for (int symbol = 0; symbol < count; symbol++)
    if (lengths[symbol] != 0) codes->symbols[next[lengths[symbol]]++] = (uint16_t)symbol;
}

static int symbol_of(struct reader *reader, const struct codes *codes) {
  int code = 0, first = 0, index = 0;
  for (int length = 1; length <= MOST_BITS; length++) {
    code |= (int)bits(reader, 1);
    int count = codes->count[length];
    if (code - count < first) return codes->symbols[index + code - first];
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  fail("found a code that a compressed frame does not declare");
}

static void read_codes(struct reader *reader, struct codes *literals, struct codes *distances) {
  static const uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  uint8_t lengths[320] = {0};
  int literal_count = (int)bits(reader, 5) + 257, distance_count = (int)bits(reader, 5) + 1;
  int length_count = (int)bits(reader, 4) + 4;
  for (int index = 0; index < length_count; index++) lengths[order[index]] = (uint8_t)bits(reader, 3);
  struct codes of_lengths;
  make_codes(&of_lengths, lengths, 19);
  memset(lengths, 0, sizeof lengths);
  for (int index = 0; index < literal_count + distance_count;) {
    int symbol = symbol_of(reader, &of_lengths), times = 1;
    uint8_t value = (uint8_t)symbol;
    if (symbol >= 16) {
      value = symbol == 16 && index > 0 ? lengths[index - 1] : 0;
      times = symbol == 16 ? 3 + (int)bits(reader, 2) : symbol == 17 ? 3 + (int)bits(reader, 3) : 11 + (int)bits(reader, 7);
    }
    if (index + times > literal_count + distance_count) fail("found too many codes in a compressed frame");
    while (times-- > 0) lengths[index++] = value;
  }
  make_codes(literals, lengths, literal_count);
  make_codes(distances, lengths + literal_count, distance_count);
}

static void fixed_codes(struct codes *literals, struct codes *distances) {
  uint8_t lengths[288];
  for (int symbol = 0; symbol < 288; symbol++)
    lengths[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
  make_codes(literals, lengths, 288);
  memset(lengths, 5, 30);
  make_codes(distances, lengths, 30);
}

static size_t read_block(struct reader *reader, bool is_fixed, char *text, size_t at) {
  static const uint16_t length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                           31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
  static const uint8_t length_bits[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                          2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  struct codes literals, distances;
  if (is_fixed) fixed_codes(&literals, &distances);
  else read_codes(reader, &literals, &distances);
  for (;;) {
    int symbol = symbol_of(reader, &literals);
    if (symbol == 256) return at;
    if (at + 258 > ROOM) fail("found a compressed frame of more than %d bytes", ROOM);
    if (symbol < 256) {
      text[at++] = (char)symbol;
      continue;
    }
    if (symbol > 285) fail("found a length that no compressed frame has");
    size_t length = length_base[symbol - 257] + bits(reader, length_bits[symbol - 257]);
    int distance_symbol = symbol_of(reader, &distances);
    int more = distance_symbol < 4 ? 0 : distance_symbol / 2 - 1;
    size_t distance = distance_symbol < 4 ? (size_t)distance_symbol + 1
                                          : ((size_t)(2 + distance_symbol % 2) << more) + 1 + bits(reader, more);
    if (distance > at) fail("a compressed frame refers to what was before it");
    for (; length > 0; length--, at++) text[at] = text[at - distance];
  }
}

static size_t read_stored(struct reader *reader, char *text, size_t at) {
  // Whole bytes that were taken ahead are given back: a stored block begins at the next byte.
  reader->at -= (size_t)(reader->held_bits / 8);
  reader->held = 0;
  reader->held_bits = 0;
  size_t length = bits(reader, 16);
  bits(reader, 16);
  if (reader->at + length > reader->length || at + length > ROOM) fail("found a stored block longer than its frame");
  memcpy(text + at, reader->bytes + reader->at, length);
  reader->at += length;
  return at + length;
}

static size_t inflate(const char *bytes, size_t length, char *text) {
  struct reader reader = {.bytes = (const unsigned char *)bytes, .length = length};
  size_t at = 0;
  // What is left is padding, or the empty block that ends every flush, whose length is left out (RFC 7692, 7.2.1).
  while (reader.at < length) {
    bool is_last = bits(&reader, 1) != 0;
    uint32_t kind = bits(&reader, 2);
    if (kind == 0 && reader.at >= length) break;
    if (kind == 3) fail("found a kind of block that does not exist");
    at = kind == 0 ? read_stored(&reader, text, at) : read_block(&reader, kind == 1, text, at);
    if (is_last) break;
  }
  return at;
}

struct known {
  char *bytes, *text;
  size_t length, text_length;
};

const char *inflated(const char *bytes, size_t length, size_t *text_length) {
  static struct known remembered[REMEMBERED];
  static char text[ROOM];
  static int newest;
  for (int back = 0; back < REMEMBERED; back++) {
    const struct known *known = &remembered[(newest + REMEMBERED - back) % REMEMBERED];
    if (known->length != length || memcmp(known->bytes, bytes, length) != 0) continue;
    *text_length = known->text_length;
    return known->text;
  }
  newest = (newest + 1) % REMEMBERED;
  struct known *made = &remembered[newest];
  made->text_length = inflate(bytes, length, text);
  made->length = length;
  made->bytes = realloc(made->bytes, length + 1);
  made->text = realloc(made->text, made->text_length + 1);
  memcpy(made->bytes, bytes, length);
  memcpy(made->text, text, made->text_length);
  *text_length = made->text_length;
  return made->text;
}
