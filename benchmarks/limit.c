/* The yardstick: one hand-written loop that reads a pcap file of Ethernet frames and fills twelve
 * arrays, and can do nothing else. Ethernet with at most one VLAN tag, IPv4, TCP or UDP; the values
 * of all else are missing. Only what makes it faster is in it, and the checks without which it would read
 * outside the captured octets. */

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define BUFFER (256 * 1024)
#define RECORD 16
#define MAGIC 0xA1B2C3D4u

struct columns {
    int64_t *time_ns;
    uint32_t *caplen, *len;
    uint16_t *ethertype;
    uint32_t *src, *dst;
    uint8_t *proto, *ttl;
    uint16_t *srcport, *dstport;
    uint16_t *flags;
    uint32_t *payload;
    uint8_t *has_ip, *has_ports, *has_flags;
};

static inline uint16_t u16(const uint8_t *p) { uint16_t v; memcpy(&v, p, 2); return __builtin_bswap16(v); }
static inline uint32_t u32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return __builtin_bswap32(v); }
static inline uint32_t host32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return v; }

static inline void missing(const struct columns *c, long i, int ip)
{
    c->has_ports[i] = c->has_flags[i] = 0;
    c->srcport[i] = c->dstport[i] = c->flags[i] = 0;
    c->payload[i] = 0;
    if (!ip) {
        c->has_ip[i] = c->proto[i] = c->ttl[i] = 0;
        c->src[i] = c->dst[i] = 0;
    }
}

static inline void frame(const struct columns *c, long i, const uint8_t *p, uint32_t caplen)
{
    const uint8_t *end = p + caplen;
    if (caplen < 34) {
        c->ethertype[i] = caplen < 14 ? 0 : u16(p + 12);
        missing(c, i, 0);
        return;
    }
    uint16_t type = c->ethertype[i] = u16(p + 12);
    p += 14;
    if (type == 0x8100) {
        type = u16(p + 2);
        p += 4;
    }
    if (type != 0x0800 || end - p < 20 || p[0] >> 4 != 4) {
        missing(c, i, 0);
        return;
    }
    uint32_t header = (p[0] & 15) * 4, total = u16(p + 2);
    uint8_t proto = p[9];
    c->has_ip[i] = 1;
    c->ttl[i] = p[8];
    c->proto[i] = proto;
    c->src[i] = u32(p + 12);
    c->dst[i] = u32(p + 16);
    if ((u16(p + 6) & 0x1FFF) || header < 20 || total < header) {
        missing(c, i, 1);
        return;
    }
    if (end - p > total)
        end = p + total;
    p += header;
    if (proto == 6 && end - p >= 20) {
        uint16_t offset_flags = u16(p + 12);
        c->has_ports[i] = c->has_flags[i] = 1;
        c->srcport[i] = u16(p);
        c->dstport[i] = u16(p + 2);
        c->flags[i] = offset_flags & 0x0FFF;
        c->payload[i] = total - header - (offset_flags >> 12) * 4;
    } else if (proto == 17 && end - p >= 8) {
        c->has_ports[i] = 1;
        c->has_flags[i] = 0;
        c->srcport[i] = u16(p);
        c->dstport[i] = u16(p + 2);
        c->flags[i] = 0;
        c->payload[i] = u16(p + 4) - 8;
    } else {
        missing(c, i, 1);
    }
}

/* Read at most `capacity` packets from `file`. Returns how many, or -1: not such a file. */
long limit(int file, const struct columns *c, long capacity)
{
    static uint8_t buffer[BUFFER];
    if (read(file, buffer, 24) != 24 || host32(buffer) != MAGIC || host32(buffer + 20) != 1)
        return -1;
    size_t held = 0;
    long i = 0;
    for (;;) {
        ssize_t got = read(file, buffer + held, BUFFER - held);
        if (got <= 0)
            return got < 0 ? -1 : i;
        const uint8_t *p = buffer, *end = buffer + held + got;
        while (end - p >= RECORD) {
            uint32_t caplen = host32(p + 8);
            if ((size_t)(end - p) < (size_t)caplen + RECORD)
                break;
            if (i == capacity || caplen > BUFFER - RECORD)
                return i;
            c->time_ns[i] = host32(p) * INT64_C(1000000000) + host32(p + 4) * INT64_C(1000);
            c->caplen[i] = caplen;
            c->len[i] = host32(p + 12);
            frame(c, i++, p + RECORD, caplen);
            p += RECORD + caplen;
        }
        held = end - p;
        memmove(buffer, p, held);
    }
}
