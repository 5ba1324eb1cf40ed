using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Tests.Unit.Log;

/// <summary>The bytes of every file, against the examples of the format's description.</summary>
public sealed class FormatTests
{
    private static readonly Uuid Id = Read("ASNFZ4mrze8BI0VniavN7w");

    [Fact]
    public void An_offset_index_entry_is_eight_bytes()
    {
        var bytes = new byte[OffsetEntry.Size];
        new OffsetEntry(50, 4200).Write(bytes);

        Assert.Equal("0000003200001068", Convert.ToHexString(bytes));
        Assert.Equal(new OffsetEntry(50, 4200), OffsetEntry.Read(bytes));
    }

    [Fact]
    public void A_time_index_entry_is_twelve_bytes()
    {
        var bytes = new byte[TimeEntry.Size];
        new TimeEntry(1700000000005, 1).Write(bytes);

        Assert.Equal("0000018BCFE5680500000001", Convert.ToHexString(bytes));
        Assert.Equal(new TimeEntry(1700000000005, 1), TimeEntry.Read(bytes));
    }

    [Fact]
    public void A_transaction_index_entry_is_34_bytes()
    {
        var entry = new AbortedTransaction(new(1000), new(100), new(102), new(103));
        var bytes = new byte[TransactionIndex.EntrySize];
        TransactionIndex.Write(bytes, entry);

        Assert.Equal(
            "000000000000000003E8000000000000006400000000000000660000000000000067", Convert.ToHexString(bytes));
        Assert.Equal(entry, TransactionIndex.TryRead(bytes));
    }

    [Fact]
    public void A_producer_snapshot_has_46_bytes_a_batch()
    {
        const string hex = "0001F9CFD7310000000100000000000003E80002000000010000000000000065000000010000018BCFE56805"
            + "00000003FFFFFFFFFFFFFFFF";

        var producers = ProducerSnapshot.TryDecode(Convert.FromHexString(hex));

        Assert.NotNull(producers);
        var (id, state) = Assert.Single(producers);
        Assert.Equal(new ActiveProducer(new(1000), 2, 1, 1700000000005, 3, null), state.Describe(id));
        Assert.Equal(new BatchTrace(1, 101, 1, 1700000000005), state.Last);
        Assert.Equal(hex, Convert.ToHexString(ProducerSnapshot.Encode(producers)));
    }

    [Fact]
    public void A_damaged_snapshot_is_none()
    {
        var good = ProducerSnapshot.Encode([(new ProducerId(1), ProducerState.New)]);
        for (var at = 0; at < good.Length; at++)
        {
            var bad = good.ToArray();
            bad[at] ^= 1;
            Assert.Null(ProducerSnapshot.TryDecode(bad));
            Assert.Null(ProducerSnapshot.TryDecode(good.AsSpan(0, at)));
        }
    }

    [Fact]
    public void Offset_checkpoints_are_text()
    {
        var offsets = new Dictionary<TopicPartition, Offset>
        {
            [new("orders", 1)] = new(0),
            [new("orders", 0)] = new(102),
        };

        var text = OffsetCheckpoint.Format(offsets);

        Assert.Equal("0\n2\norders 0 102\norders 1 0\n", text);
        Assert.Equal(offsets.OrderBy(e => e.Key), OffsetCheckpoint.TryParse(text));
    }

    [Fact]
    public void The_epoch_checkpoint_is_text()
    {
        var epochs = EpochHistory.Empty.With(new(0), new(0)).With(new(7), new(100));

        Assert.Equal("0\n2\n0 0\n7 100\n", EpochCheckpoint.Format(epochs));
        Assert.Equal(epochs.Entries, EpochCheckpoint.TryParse("0\n2\n0 0\n7 100\n")?.Entries);
    }

    [Theory]
    [InlineData("1\n1\norders 0 1\n")]
    [InlineData("0\n2\norders 0 1\n")]
    [InlineData("0\n1\norders 0\n")]
    [InlineData("0\n1\norders 0 -1\n")]
    [InlineData("0\n1\norders 0 12")]
    [InlineData("0\n1\norders x 12\n")]
    [InlineData("0\n")]
    [InlineData("\n")]
    public void A_checkpoint_that_is_not_whole_is_none(string text) => Assert.Null(OffsetCheckpoint.TryParse(text));

    [Fact]
    public void An_empty_checkpoint_has_no_entries() => Assert.Empty(OffsetCheckpoint.TryParse("")!);

    [Theory]
    [InlineData("0\n2\n7 100\n0 0\n")]
    [InlineData("0\n2\n0 100\n7 0\n")]
    [InlineData("0\n1\n-1 0\n")]
    public void Epochs_out_of_order_are_none(string text) => Assert.Null(EpochCheckpoint.TryParse(text));

    [Fact]
    public void Partition_metadata_names_the_topic_id()
    {
        const string text = "version: 0\ntopic_id: ASNFZ4mrze8BI0VniavN7w";

        Assert.Equal(text, PartitionMetadata.Format(new(Id)));
        Assert.Equal(new TopicId(Id), PartitionMetadata.TryParse(text));
        Assert.Equal(new TopicId(Id), PartitionMetadata.TryParse(text + "\n"));
        Assert.Null(PartitionMetadata.TryParse("version: 1\ntopic_id: ASNFZ4mrze8BI0VniavN7w"));
        Assert.Null(PartitionMetadata.TryParse("version: 0\ntopic_id: ASNFZ4mrze8BI0VniavN7"));
    }

    [Fact]
    public void Meta_properties_are_read_in_any_order()
    {
        const string text = "#\n#Sat Nov 21 19:19:27 UTC 2026\nnode.id=1\ndirectory.id=ASNFZ4mrze8BI0VniavN7w\n"
            + "version=1\ncluster.id=4L6g3nShT-eMCtK--X86sw\n";
        var meta = new MetaProperties("4L6g3nShT-eMCtK--X86sw", new(1), Id);

        Assert.Equal(meta, MetaProperties.TryParse(text));
        Assert.Equal(meta, MetaProperties.TryParse(meta.Format()));
        Assert.Equal(
            meta with { DirectoryId = null },
            MetaProperties.TryParse("version=0\nbroker.id=1\ncluster.id=" + meta.ClusterId));
        Assert.Null(MetaProperties.TryParse("version=2\nnode.id=1\ncluster.id=x"));
        Assert.Null(MetaProperties.TryParse("version=1\ncluster.id=x"));
    }

    [Fact]
    public void The_clean_shutdown_file_names_the_broker_epoch() =>
        Assert.Equal("{\"version\":0,\"brokerEpoch\":37}", CleanShutdownFile.Format(37));

    [Theory]
    [InlineData("orders-0", "orders", 0, "Live")]
    [InlineData("a-b-12", "a-b", 12, "Live")]
    [InlineData("orders-0.0123456789abcdef0123456789abcdef-delete", "orders", 0, "Deleting")]
    [InlineData("orders-0.0123456789abcdef0123456789abcdef-future", "orders", 0, "Future")]
    [InlineData("orders-0.0123456789abcdef0123456789abcdef-stray", "orders", 0, "Stray")]
    public void Directory_names_tell_partition_and_state(string name, string topic, int partition, string state)
    {
        var parsed = PartitionDirectoryName.TryParse(name);

        Assert.Equal(new TopicPartition(topic, partition), parsed?.Partition);
        Assert.Equal(state, parsed?.State.ToString());
    }

    [Theory]
    [InlineData("orders")]
    [InlineData("-0")]
    [InlineData("orders-")]
    [InlineData("orders-x")]
    [InlineData("orders-0.0123-delete")]
    public void Other_names_are_no_partitions(string name) => Assert.Null(PartitionDirectoryName.TryParse(name));

    [Fact]
    public void A_long_topic_name_is_cut_for_deletion()
    {
        var name = PartitionDirectoryName.ForDeletion(new(new string('t', 249), 12345), new Sim.SimRandom(1));

        Assert.Equal(255, name.Length);
        Assert.Equal(PartitionDirectoryState.Deleting, PartitionDirectoryName.TryParse(name)?.State);
    }

    private static Uuid Read(string text)
    {
        Assert.True(Uuid.TryParse(text, out var id));
        return id;
    }
}
