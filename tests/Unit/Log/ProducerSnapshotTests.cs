using Barnabas.Base;

namespace Barnabas.Tests.Unit.Log;

public sealed class ProducerSnapshotTests
{
    [Fact]
    public void All_batches_remembered_outlive_a_clean_stop_and_a_recovery()
    {
        foreach (var clean in new[] { true, false })
        {
            var fixture = new LogFixture();
            var log = fixture.Open();
            for (var i = 0; i < 7; i++)
                log.Append([LogFixture.Batch(2, LogFixture.Start + i, producer: 1, sequence: i * 2)]);
            log.Roll();
            fixture.Close(log, clean);

            var again = fixture.Open(clean: clean);

            for (var i = 2; i < 7; i++)
            {
                var retry = again.Append([LogFixture.Batch(2, LogFixture.Start + i, producer: 1, sequence: i * 2)])[0];
                Assert.Equal((ErrorCode.None, true), (retry.Error, retry.IsDuplicate));
                Assert.Equal((new Offset(i * 2), LogFixture.Start + i + 1), (retry.BaseOffset, retry.MaxTimestamp));
            }

            var forgotten = again.Append([LogFixture.Batch(2, LogFixture.Start + 1, producer: 1, sequence: 2)])[0];
            Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, forgotten.Error);
        }
    }
}
