using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class LogView
{
    /// <summary>Whole batches from the one that holds <paramref name="from"/> on, all below
    /// <paramref name="upTo"/>.</summary>
    /// <param name="from">The offset wanted; the end of the log is in range and has no batches.</param>
    /// <param name="upTo">The exclusive bound: high watermark, last stable offset, or log end.</param>
    /// <param name="maxBytes">At most so many bytes.</param>
    /// <param name="atLeastOneBatch">Return the first batch even where it alone is larger.</param>
    /// <remarks>A log that was closed meanwhile, too, answers KAFKA_STORAGE_ERROR, which clients retry. Checksums of
    /// what an earlier process wrote are compared once: damaged bytes end the answer, or, where they
    /// come first, make it KAFKA_STORAGE_ERROR.</remarks>
    /// <exception cref="IOException">The disk refused.</exception>
    public LogRead Read(Offset from, Offset upTo, int maxBytes, bool atLeastOneBatch)
    {
        if (from < LogStart || from > End)
            return LogRead.Failed(ErrorCode.OffsetOutOfRange);
        var bound = Offset.Min(upTo, End);
        if (from >= bound)
            return LogRead.Empty(from);

        var answer = new ReadAnswer(from, maxBytes, atLeastOneBatch);
        for (var i = SegmentOf(from); i < SegmentCount && !answer.IsComplete; i++)
        {
            var segment = SegmentAt(i);
            if (segment.BaseOffset >= bound)
                break;
            if (!segment.File.TryRetain())
                // The log was closed or the segment deleted after this view was made: the next view knows better.
                return answer.IsEmpty ? LogRead.Failed(ErrorCode.KafkaStorageError) : answer.ToResult();
            Add(segment, bound, answer);
        }

        return answer.ToResult();
    }

    /// <summary>Adds what the retained segment has, and releases it unless a slice of it was taken.</summary>
    private static void Add(SegmentView segment, Offset bound, ReadAnswer answer)
    {
        var (taken, refused) = (false, true);
        try
        {
            taken = segment.TryAddTo(answer, bound);
            refused = false;
        }
        finally
        {
            if (!taken)
                segment.File.Release();
            if (refused)
                answer.Abandon();
        }
    }
}
