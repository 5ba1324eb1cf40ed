/* librdkafka's producer and consumer as fast as they go, for `barnabas bench suite`:
 *   rdkafka produce BROKERS TOPIC RECORDS SIZE CODEC WARM-UP
 *                                     acks=all, idempotent, batches as large as our own client's
 *   rdkafka mock - TOPIC RECORDS SIZE CODEC WARM-UP
 *                                     the same into librdkafka's own broker in memory
 *   rdkafka consume BROKERS TOPIC RECORDS WARM-UP
 * So many records as WARM-UP says go before those that are measured, again and again for a second, but written
 * MOST_WRITTEN times at most: see ClientLoad.cs.
 * Prints a line of JSON: records, bytes of values, seconds, seconds of processor. */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { MOST_WRITTEN = 2 };

static long done, failed;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double processor(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char why[256];
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "%s\n", why);
        exit(1);
    }
}

static void delivered(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque) {
    (void)rk;
    (void)opaque;
    if (m->err)
        failed++;
    else
        done++;
}

static double begun, begun_processor;

static void begin(void) {
    begun_processor = processor();
    begun = now();
}

static void report(long records, double bytes) {
    double seconds = now() - begun;
    printf("{\"records\": %ld, \"bytes\": %.0f, \"seconds\": %.4f, \"processor\": %.4f}\n", records, bytes, seconds,
           processor() - begun_processor);
}

static void send_all(rd_kafka_t *rk, rd_kafka_topic_t *rkt, const char *values, long records, int size) {
    done = 0;
    for (long i = 0; i < records;) {
        if (!rd_kafka_produce(rkt, 0, 0, (void *)(values + (i % 1024) * size), size, NULL, 0, NULL))
            i++;
        else
            rd_kafka_poll(rk, 10);
        if (i % 1000 == 0)
            rd_kafka_poll(rk, 0);
    }
    while (done + failed < records)
        rd_kafka_poll(rk, 100);
}

static int produce(const char *brokers, const char *topic, long records, int size, const char *codec, long warm_up) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[256];
    if (strcmp(brokers, "-"))
        set(conf, "bootstrap.servers", brokers);
    else
        set(conf, "test.mock.num.brokers", "1");
    set(conf, "acks", "all");
    set(conf, "enable.idempotence", "true");
    set(conf, "compression.type", codec);
    set(conf, "linger.ms", "5");
    set(conf, "batch.size", "1000000");
    set(conf, "batch.num.messages", "100000");
    set(conf, "queue.buffering.max.messages", "1000000");
    set(conf, "queue.buffering.max.kbytes", "1000000");
    set(conf, "log_level", "0");
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!rk) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
    char *values = malloc(1024 * (size_t)size);
    for (size_t i = 0; i < 1024 * (size_t)size; i++)
        values[i] = "abcdefghijklmnopqrstuvwxyz0123456789 "[rand() % 37];
    double first = now();
    for (int times = 0; warm_up > 0 && times < MOST_WRITTEN && now() - first < 1; times++)
        send_all(rk, rkt, values, warm_up, size);
    begin();
    send_all(rk, rkt, values, records, size);
    report(done, (double)done * size);
    return failed > 0;
}

/* Reads so many records from the beginning; -1 when they do not come. */
static double read_all(rd_kafka_topic_t *rkt, long records) {
    rd_kafka_message_t *some[1000];
    double bytes = 0;
    done = 0;
    rd_kafka_consume_start(rkt, 0, RD_KAFKA_OFFSET_BEGINNING);
    while (done < records) {
        ssize_t count = rd_kafka_consume_batch(rkt, 0, 10000, some, 1000);
        if (count <= 0)
            return -1;
        for (ssize_t i = 0; i < count; i++) {
            if (!some[i]->err) {
                done++;
                bytes += some[i]->len;
            }
            rd_kafka_message_destroy(some[i]);
        }
    }
    return bytes;
}

static int consume(const char *brokers, const char *topic, long records, long warm_up) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[256];
    set(conf, "bootstrap.servers", brokers);
    /* Ours does, as Java's; librdkafka does not unless it is told to. */
    set(conf, "check.crcs", "true");
    set(conf, "fetch.message.max.bytes", "8000000");
    set(conf, "queued.min.messages", "1000000");
    set(conf, "queued.max.messages.kbytes", "1000000");
    set(conf, "log_level", "0");
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!rk) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
    for (double first = now(); warm_up > 0 && now() - first < 1;) {
        read_all(rkt, warm_up);
        rd_kafka_consume_stop(rkt, 0);
    }
    begin();
    double bytes = read_all(rkt, records);
    if (bytes < 0)
        return 1;
    report(done, bytes);
    return 0;
}

int main(int count, char **arguments) {
    if (count == 8 && (!strcmp(arguments[1], "produce") || !strcmp(arguments[1], "mock")))
        return produce(arguments[2], arguments[3], atol(arguments[4]), atoi(arguments[5]), arguments[6],
                       atol(arguments[7]));
    if (count == 6 && !strcmp(arguments[1], "consume"))
        return consume(arguments[2], arguments[3], atol(arguments[4]), atol(arguments[5]));
    fprintf(stderr, "usage: rdkafka produce|mock BROKERS TOPIC RECORDS SIZE CODEC WARM-UP\n"
                    "     | rdkafka consume BROKERS TOPIC RECORDS WARM-UP\n");
    return 2;
}
