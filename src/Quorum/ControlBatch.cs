using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Quorum;

/// <summary>Builds and reads the records that the quorum writes for itself.</summary>
internal static class ControlBatch
{
    private const short SchemaVersion = 0;

    /// <summary>A leader begins its epoch; nobody had to grant it anything but itself.</summary>
    public static void AppendLeaderChange(BatchBuilder builder, long now, BrokerId self) => Append(
        builder, now, ControlRecordType.LeaderChange, new LeaderChangeMessage
        {
            LeaderId = self,
            Voters = [new LeaderChangeMessage.Voter { VoterId = self }],
            GrantingVoters = [new LeaderChangeMessage.Voter { VoterId = self }],
        });

    /// <summary>A snapshot begins.</summary>
    public static void AppendSnapshotHeader(BatchBuilder builder, long now, long lastTimestamp) => Append(
        builder, now, ControlRecordType.SnapshotHeader,
        new SnapshotHeaderRecord { LastContainedLogTimestamp = lastTimestamp });

    /// <summary>A snapshot is complete.</summary>
    public static void AppendSnapshotFooter(BatchBuilder builder, long now) =>
        Append(builder, now, ControlRecordType.SnapshotFooter, new SnapshotFooterRecord());

    /// <summary>The voters; nothing where they are not recorded.</summary>
    public static void AppendVoters(BatchBuilder builder, long now, VoterSet voters)
    {
        if (voters.KRaftVersion == 0)
            return;
        Append(
            builder, now, ControlRecordType.KRaftVersion,
            new KRaftVersionRecord { KRaftVersion = voters.KRaftVersion });
        Append(builder, now, ControlRecordType.KRaftVoters, new VotersRecord
        {
            Voters = [.. voters.Voters.Select(voter => new VotersRecord.Voter
            {
                VoterId = voter.Id,
                VoterDirectoryId = voter.DirectoryId,
                KRaftVersionFeature = new VotersRecord.KRaftVersionFeature
                {
                    MinSupportedVersion = 0,
                    MaxSupportedVersion = 1,
                },
            })],
        });
    }

    /// <summary>The voters after one more control record.</summary>
    /// <exception cref="MalformedFrameException">The record's value is not what its key says.</exception>
    public static VoterSet Apply(VoterSet voters, ControlRecordType type, ReadOnlyMemory<byte> value)
    {
        var r = new WireReader(value);
        switch (type)
        {
            case ControlRecordType.KRaftVersion:
                return voters with { KRaftVersion = KRaftVersionRecord.Read(ref r, SchemaVersion).KRaftVersion };
            case ControlRecordType.KRaftVoters:
                var recorded = VotersRecord.Read(ref r, SchemaVersion).Voters;
                return voters with
                {
                    Voters = [.. recorded.Select(voter => new Voter(voter.VoterId, voter.VoterDirectoryId))],
                };
            default:
                return voters;
        }
    }

    private static void Append(BatchBuilder builder, long now, ControlRecordType type, IMessage value)
    {
        using var frame = new OutgoingFrame();
        frame.Write(value, SchemaVersion);
        builder.Append(now, ControlRecords.Key(type), frame.ToArray());
    }
}
