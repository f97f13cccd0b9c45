/* Any bytes as a series: it is read to its end or refused with a reason. Any times and numbers for
 * the detector behind it: every reading stays in its ranges. */
#include <math.h>
#include <string.h>

#include "cli/series_command.c"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_reading(const struct spike_reading *r)
{
    ASSERT(r->score >= 0 && r->score <= 1);
    ASSERT(r->severity >= 0 && r->severity <= 10 && (r->severity == 0) == !r->is_alert);
    ASSERT(!r->is_start || r->is_alert);
    ASSERT(isfinite(r->expected) && r->low <= r->high);
}

static void push_bits(const uint8_t *data, size_t size)
{
    struct spike_settings settings = {.is_rise_only = size > 0 && data[0] & 1};
    struct spike_detector *detector = spike_detector_create(&settings);

    for (size_t at = 0; at + 16 <= size; at += 16) {
        int64_t time_ms;
        double value;
        memcpy(&time_ms, data + at, 8);
        memcpy(&value, data + at + 8, 8);
        struct spike_reading reading = spike_detector_push(detector, time_ms, value);
        check_reading(&reading);
    }
    spike_detector_destroy(&detector);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct spikes_request request = {.is_json = size & 1};
    struct memory_file file;
    struct err err = {0};

    push_bits(data, size);
    memory_file_open(&file, data, size);
    request.path = file.path;
    struct run run = {.request = &request, .detector = spike_detector_create(NULL)};
    buf_init(&run.out, 16 * MIB);
    bool ok = run_spikes(&run, &err);
    ASSERT(ok || err.code == ERR_INPUT || err.code == ERR_LIMIT);
    ASSERT(run.rows + run.rejected <= size + 1);
    spike_detector_destroy(&run.detector);
    buf_deinit(&run.out);
    memory_file_close(&file);
    return 0;
}
