// libav*, from ffmpeg 5.1 (Debian 12) to 7.1 (Debian 13), and what Swift's importer cannot express:
// macros with casts, and fields that went from one major version to the next.
#ifndef VITRINE_CFFMPEG_H
#define VITRINE_CFFMPEG_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/cpu.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// AVERROR() is a macro with an argument.
static inline int vitrine_averror(int code) { return AVERROR(code); }
// Built of MKTAG and casts.
static inline int vitrine_averror_eof(void) { return AVERROR_EOF; }
static inline int vitrine_averror_invalid_data(void) { return AVERROR_INVALIDDATA; }
static inline int vitrine_averror_decoder_not_found(void) { return AVERROR_DECODER_NOT_FOUND; }

// In the stream's time base. `duration` came with libavutil 57.30; `pkt_duration` went with 59.
static inline int64_t vitrine_frame_duration(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    return frame->duration;
#else
    return frame->pkt_duration;
#endif
}

// The nine numbers of a stream's display matrix, or NULL. Side data moved to the codec parameters with libavcodec 60.31.
static inline const int32_t *vitrine_display_matrix(const AVStream *stream) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
    const AVPacketSideData *data = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    return data && data->size >= 9 * sizeof(int32_t) ? (const int32_t *)data->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)data : NULL;
#endif
}

// The brightest that a picture says it holds, in cd/m²; 0 when it does not say. Both structures are read through casts of a
// byte pointer.
static inline double vitrine_frame_peak(const AVFrame *frame) {
    const AVFrameSideData *data = av_frame_get_side_data(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);
    if (data && ((const AVContentLightMetadata *)data->data)->MaxCLL)
        return ((const AVContentLightMetadata *)data->data)->MaxCLL;
    data = av_frame_get_side_data(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
    if (data && ((const AVMasteringDisplayMetadata *)data->data)->has_luminance)
        return av_q2d(((const AVMasteringDisplayMetadata *)data->data)->max_luminance);
    return 0;
}

#endif
