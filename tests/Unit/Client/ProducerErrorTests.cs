using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Tests.Unit.Client;

public sealed class ProducerErrorTests
{
    [Theory]
    [InlineData(ErrorCode.NotLeaderOrFollower, true, true, false, Remedy.Retry)]
    [InlineData(ErrorCode.RequestTimedOut, true, true, true, Remedy.Retry)]
    [InlineData(ErrorCode.OutOfOrderSequenceNumber, false, true, false, Remedy.Retry)]
    [InlineData(ErrorCode.OutOfOrderSequenceNumber, true, true, false, Remedy.GiveUpAndRaiseEpoch)]
    [InlineData(ErrorCode.UnknownProducerId, true, true, false, Remedy.RaiseEpochAndRetry)]
    [InlineData(ErrorCode.UnknownProducerId, true, true, true, Remedy.GiveUpAndRaiseEpoch)]
    [InlineData(ErrorCode.InvalidProducerEpoch, true, true, false, Remedy.RaiseEpochAndRetry)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, true, true, false, Remedy.GiveUpAndRaiseEpoch)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, true, false, false, Remedy.GiveUp)]
    [InlineData(ErrorCode.InvalidRecord, true, false, false, Remedy.GiveUp)]
    [InlineData(ErrorCode.MessageTooLarge, true, true, false, Remedy.Split)]
    [InlineData(ErrorCode.MessageTooLarge, true, false, false, Remedy.Split)]
    internal void Each_error_has_its_remedy(
        ErrorCode code, bool isHead, bool isIdempotent, bool mayHaveBeenApplied, Remedy remedy) =>
        Assert.Equal(remedy, ProducerError.RemedyOf(code, isHead, isIdempotent, mayHaveBeenApplied, records: 2));

    [Fact]
    public void A_single_record_cannot_be_split() => Assert.Equal(
        Remedy.GiveUp, ProducerError.RemedyOf(ErrorCode.MessageTooLarge, true, false, false, records: 1));

    [Theory]
    [InlineData(ErrorCode.RequestTimedOut, true)]
    [InlineData(ErrorCode.NotEnoughReplicasAfterAppend, true)]
    [InlineData(ErrorCode.KafkaStorageError, true)]
    [InlineData(ErrorCode.UnknownServerError, true)]
    [InlineData(ErrorCode.NetworkException, true)]
    [InlineData(ErrorCode.NotLeaderOrFollower, true)]
    [InlineData(ErrorCode.CorruptMessage, false)]
    [InlineData(ErrorCode.MessageTooLarge, false)]
    [InlineData(ErrorCode.NotEnoughReplicas, false)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, false)]
    [InlineData(ErrorCode.OutOfOrderSequenceNumber, false)]
    [InlineData(ErrorCode.InvalidProducerEpoch, false)]
    [InlineData(ErrorCode.InvalidRecord, false)]
    public void An_error_is_definite_or_not(ErrorCode code, bool isIndefinite) =>
        Assert.Equal(isIndefinite, ProducerError.IsIndefinite(code));
}
