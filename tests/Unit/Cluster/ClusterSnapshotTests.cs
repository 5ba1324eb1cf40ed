using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Cluster;

public sealed class ClusterSnapshotTests
{
    [Fact]
    public void Every_kind_of_record_survives_a_snapshot()
    {
        var state = Sample.Replay(OneOfEach());
        Assert.Equal(StateText.Of(state), StateText.Of(Sample.Replay(ClusterSnapshot.ToRecords(state)!)));
        Assert.NotEmpty(state.Acls);
        Assert.NotEmpty(state.ScramCredentials);
        Assert.NotEmpty(state.DelegationTokens);
        Assert.NotEmpty(state.ClientQuotas);
        Assert.NotEmpty(state.Controllers);
    }

    [Fact]
    public void The_metadata_version_comes_first()
    {
        var state = Sample.Replay(OneOfEach());
        var first = Assert.IsType<FeatureLevelRecord>(ClusterSnapshot.ToRecords(state)!.First());
        Assert.Equal("metadata.version", first.Name);
    }

    [Fact]
    public void Whatever_was_decided_the_records_replay_to_the_tip_and_so_does_a_snapshot()
    {
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var (tip, records) = Commands.Run(seed, 40);
            List<ITypedRecord> stored = [.. records.Select(Stored)];
            Assert.Equal(StateText.Of(tip), StateText.Of(Sample.Replay(stored)));
            Assert.Equal(StateText.Of(tip), StateText.Of(ClusterState.Empty.Apply(stored)));
            var restored = Sample.Replay(ClusterSnapshot.ToRecords(tip)!.Select(Stored));
            Assert.Equal(StateText.Of(tip), StateText.Of(restored));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    // Through the bytes of the log, so that what the format cannot hold is noticed.
    private static ITypedRecord Stored(ITypedRecord record) =>
        MetadataRecordFrame.Read(MetadataRecordFrame.Write(record));

    private static IEnumerable<ITypedRecord> OneOfEach()
    {
        yield return new FeatureLevelRecord { Name = "group.version", FeatureLevel = 1 };
        yield return new FeatureLevelRecord { Name = "metadata.version", FeatureLevel = 29 };
        yield return Sample.Registered(1, "rack");
        yield return new RegisterControllerRecord
        {
            ControllerId = new BrokerId(3),
            EndPoints = [new() { Name = "C", Host = "h", Port = 1, SecurityProtocol = 1 }],
            Features = [new() { Name = "f", MinSupportedVersion = 1, MaxSupportedVersion = 2 }],
        };
        yield return new TopicRecord { Name = "a.b", TopicId = new TopicId(new Uuid(1, 1)) };
        yield return new PartitionRecord
        {
            TopicId = new TopicId(new Uuid(1, 1)),
            PartitionId = 0,
            Replicas = Sample.Ids(1, 2, 3),
            Isr = Sample.Ids(1),
            AddingReplicas = Sample.Ids(3),
            RemovingReplicas = Sample.Ids(2),
            EligibleLeaderReplicas = Sample.Ids(2),
            LastKnownElr = Sample.Ids(3),
            Leader = new BrokerId(1),
            LeaderRecoveryState = 1,
            LeaderEpoch = new LeaderEpoch(4),
            PartitionEpoch = 9,
            Directories = [new(1, 1), new(2, 2), new(3, 3)],
        };
        yield return new ConfigRecord { ResourceType = 2, ResourceName = "a.b", Name = "k", Value = "v" };
        yield return new ConfigRecord { ResourceType = 4, ResourceName = "", Name = "k", Value = "" };
        yield return new ProducerIdsRecord { BrokerId = new BrokerId(1), NextProducerId = new ProducerId(4000) };
        yield return new AccessControlEntryRecord
        {
            Id = new Uuid(8, 8),
            ResourceName = "r",
            Principal = "User:a",
            Host = "*",
        };
        yield return new UserScramCredentialRecord
        {
            Name = "u",
            Mechanism = 1,
            Salt = new byte[] { 1 },
            StoredKey = new byte[] { 2 },
            ServerKey = new byte[] { 3 },
            Iterations = 4096,
        };
        yield return new DelegationTokenRecord
        {
            TokenId = "t",
            Owner = "User:o",
            Renewers = ["User:r"],
            MaxTimestamp = 7,
        };
        yield return new ClientQuotaRecord
        {
            Entity =
            [
                new() { EntityType = "user", EntityName = null }, new() { EntityType = "client-id", EntityName = "c" },
            ],
            Key = "producer_byte_rate",
            Value = 1.5,
        };
        yield return new ZkMigrationStateRecord { ZkMigrationState = 4 };
    }
}
