using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cli;

/// <summary>Fetched records without a broker.</summary>
internal static class Fetched
{
    public static FetchedRecords Of(byte[] batches)
    {
        var position = new FetchPosition(new TopicPartition("topic", 3), OffsetSpec.Earliest, 100);
        var data = new FetchResponse.PartitionData
        {
            HighWatermark = new(99),
            LastStableOffset = new(90),
            LogStartOffset = new(1),
            Records = new RecordBytes(batches),
        };
        return new FetchedRecords(
            position, Offset.Zero, data, new ReaderOptions(), new FetchLease(new Nothing(), 0, _ => { }));
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
