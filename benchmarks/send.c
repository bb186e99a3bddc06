/* Sends UDP frames from a packet socket at a steady rate: send INTERFACE OCTETS RATE PACKETS.
 * A rate of 0 is as fast as can be. Prints how many were sent, and in how many nanoseconds.
 * The frames are of 256 flows; each carries its number. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BURST 64
#define HEADERS 42 /* Ethernet, IPv4, UDP */

static uint8_t frames[BURST][2048];
static struct mmsghdr messages[BURST];
static struct iovec vectors[BURST];

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static uint16_t checksum(const uint8_t *header)
{
    uint32_t sum = 0;
    for (int i = 0; i < 20; i += 2)
        sum += header[i] << 8 | header[i + 1];
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return htons((uint16_t)~sum);
}

static void prepare(int size)
{
    static const uint8_t head[HEADERS] = {
        2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, /* Ethernet */
        0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
    for (int i = 0; i < BURST; i++) {
        uint8_t *f = frames[i];
        memcpy(f, head, HEADERS);
        uint16_t ip = htons(size - 14), udp = htons(size - 34);
        memcpy(f + 16, &ip, 2);
        memcpy(f + 38, &udp, 2);
        uint16_t sum = checksum(f + 14);
        memcpy(f + 24, &sum, 2);
        vectors[i] = (struct iovec){f, size};
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
}

static void number(uint8_t *frame, int64_t n)
{
    uint16_t source = htons(1024 + (n & 15)), destination = htons(2048 + (n >> 4 & 15));
    uint32_t low = htonl((uint32_t)n);
    memcpy(frame + 34, &source, 2);
    memcpy(frame + 36, &destination, 2);
    memcpy(frame + HEADERS, &low, 4);
}

int main(int count, char **words)
{
    if (count != 5)
        return fprintf(stderr, "usage: send INTERFACE OCTETS RATE PACKETS\n"), 2;
    int size = atoi(words[2]), on = 1;
    int64_t rate = atoll(words[3]), packets = atoll(words[4]), sent = 0;
    if (size < HEADERS + 4 || size > (int)sizeof frames[0])
        return fprintf(stderr, "send: octets must be %d to %zu\n", HEADERS + 4, sizeof frames[0]), 2;
    int s = socket(AF_PACKET, SOCK_RAW, 0);
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(words[1])};
    if (s < 0 || bind(s, (struct sockaddr *)&to, sizeof to) < 0)
        return perror("send"), 1;
    setsockopt(s, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
    prepare(size);
    int64_t began = now_ns(), due = packets;
    while (sent < packets) {
        if (rate) {
            due = (now_ns() - began) * rate / 1000000000LL;
            if (due <= sent) {
                struct timespec pause = {0, 50000};
                nanosleep(&pause, NULL);
                continue;
            }
        }
        int64_t burst = due < packets ? due - sent : packets - sent;
        if (burst > BURST)
            burst = BURST;
        for (int i = 0; i < burst; i++)
            number(frames[i], sent + i);
        int done = sendmmsg(s, messages, burst, 0);
        if (done < 0 && errno != ENOBUFS && errno != EINTR)
            return perror("send"), 1;
        if (done > 0)
            sent += done;
    }
    printf("%lld %lld\n", (long long)sent, (long long)(now_ns() - began));
    return 0;
}
