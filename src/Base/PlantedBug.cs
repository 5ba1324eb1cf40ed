namespace Barnabas.Base;

/// <summary>A bug that is put into the product on purpose, so that a checker can show it would be caught.</summary>
/// <remarks>No configuration reaches it: it is internal, and tests/Sim alone sets it, on the <see cref="Host"/> of a
/// simulated node. tests/Sim/README.md says what catches each. To ask for one costs comparing a field.</remarks>
internal enum PlantedBug
{
    /// <summary>None: the product as it is.</summary>
    None,

    /// <summary>Batches are not synced, and count as synced.</summary>
    SyncSkipped,

    /// <summary>A sync that failed is tried again, and believed.</summary>
    FailedSyncTrusted,

    /// <summary>A recovery believes what the kernel shows, though a sync of it may have failed.</summary>
    CacheTrusted,

    /// <summary>What a recovery took from the cache counts as flushed after a sync, without being read from the
    /// disk.</summary>
    RecoveredUnproven,

    /// <summary>A directory is not synced after files were made in it.</summary>
    DirectoryNotSynced,

    /// <summary>An acks=all append is answered before it is on disk.</summary>
    AnsweredBeforeSync,

    /// <summary>A duplicate is answered before the batch it repeats is on disk.</summary>
    DuplicateAnsweredEarly,

    /// <summary>The high watermark passes what is on disk.</summary>
    WatermarkBeforeSync,

    /// <summary>Consumers are served beyond the high watermark.</summary>
    ReadBeyondWatermark,

    /// <summary>A view of the log is published before its bytes are written.</summary>
    ViewPublishedEarly,

    /// <summary>Index entries of a write that failed stay.</summary>
    IndexNotRewound,

    /// <summary>Producers remember a batch whose write failed.</summary>
    ProducersNotUndone,

    /// <summary>Only four of a producer's batches are known again.</summary>
    DuplicateWindowOfFour,

    /// <summary>A producer of an older epoch may write.</summary>
    OldEpochAccepted,

    /// <summary>The recovery point is the log's end, synced or not.</summary>
    RecoveryPointAhead,

    /// <summary>What a crash left behind the last whole batch stays in the file.</summary>
    TornTailKept,

    /// <summary>A recovery compares no checksums.</summary>
    ChecksumsSkipped,

    /// <summary>The first batch after a producer snapshot is not replayed.</summary>
    ReplayBeginsLate,

    /// <summary>The word of a clean stop outlives the start.</summary>
    CleanShutdownKept,

    /// <summary>Metadata records count as committed before they are on disk.</summary>
    MetadataNotSynced,

    /// <summary>Blocks of producer ids are handed out and not recorded.</summary>
    ProducerIdsForgotten,

    /// <summary>Later answers of a fetch session leave records out.</summary>
    SessionDropsRecords,

    /// <summary>Coordinators answer before their records are on disk.</summary>
    CommitAnsweredEarly,

    /// <summary>A member of an old generation may commit.</summary>
    GenerationNotFenced,

    /// <summary>A coordinator that loads passes over what was deleted.</summary>
    TombstonesForgotten,

    /// <summary>A coordinator loads the first stretch of its log and no more.</summary>
    LoadCutShort,

    /// <summary>A timer that is set to a later time rings at its old one.</summary>
    HeartbeatForgotten,

    /// <summary>Nobody is told that a coordinator is lost.</summary>
    WaitersForgotten,

    /// <summary>The last stable offset is one too large.</summary>
    StableOffByOne,

    /// <summary>A transaction is over for readers when its marker is in the log, committed or not.</summary>
    StableBeforeMarker,

    /// <summary>Readers of committed records are not told of the last aborted transaction.</summary>
    AbortedListCutShort,

    /// <summary>Markers of old producers and old coordinators are taken.</summary>
    MarkerNotFenced,

    /// <summary>A producer's new epoch may begin with any sequence.</summary>
    SequenceAfterBumpAccepted,

    /// <summary>Transactional batches are written of which no coordinator knows.</summary>
    VerificationSkipped,

    /// <summary>Offsets of a transaction count before it is committed.</summary>
    PendingOffsetsVisible,

    /// <summary>The end of a transaction is written under the epoch of the transaction, not the one after
    /// it.</summary>
    MarkerOfOldEpoch,

    /// <summary>A request to end a transaction ends whichever is open.</summary>
    OldTransactionEnded,

    /// <summary>Nobody looks for transactions that take too long.</summary>
    TransactionTimeoutForgotten,

    /// <summary>A coordinator that loads does not go on ending what was being ended.</summary>
    PreparedForgotten,

    /// <summary>Who waits for the commit of a coordinator is never let go.</summary>
    OverdueForgotten,

    /// <summary>Compaction drops tombstones at once.</summary>
    TombstoneDroppedEarly,

    /// <summary>Compaction goes on when the map of keys is full, and forgets the keys that have no room.</summary>
    OffsetMapOverflow,

    /// <summary>Compacted segments take their place before they are on disk.</summary>
    SwapNotSynced,

    /// <summary>Compaction counts what stands in the active segment.</summary>
    ActiveSegmentCleaned,

    /// <summary>Compaction drops a transaction's marker while its data is there.</summary>
    MarkerDroppedEarly,

    /// <summary>Compaction takes data of aborted transactions for valid.</summary>
    AbortedDataKept,

    /// <summary>Compaction drops the batch by which a producer is known.</summary>
    ProducersCleaned,

    /// <summary>Compaction goes beyond the last stable offset.</summary>
    UnstableCleaned,

    /// <summary>What was compacted counts as such when the log is cut below it.</summary>
    CleanedPointKept,

    /// <summary>What was compacted counts as such before it is on disk.</summary>
    CleanedPointAhead,

    /// <summary>A broker that is fenced is elected.</summary>
    FencedLeaderElected,

    /// <summary>A leader that lacks records is elected where the topic does not allow it.</summary>
    UncleanNotAsked,

    /// <summary>A replica that lost part of its log stays eligible (KIP-966).</summary>
    LostReplicaEligible,

    /// <summary>A replica that was restarted since it caught up is taken for in sync (KIP-903).</summary>
    RestartedReplicaInSync,

    /// <summary>The controller listens to a broker's earlier process.</summary>
    StaleBrokerHeard,

    /// <summary>A leader of an earlier epoch may change who is in sync.</summary>
    StaleLeaderHeard,

    /// <summary>A change of who is in sync that was based on an older one is taken.</summary>
    StaleIsrTaken,

    /// <summary>A reassignment ends before its replicas are in sync.</summary>
    ReassignmentEndsEarly,

    /// <summary>A node that leads the cluster goes on when its session is over.</summary>
    SessionExpiryIgnored,

    /// <summary>Appends to the metadata in ZooKeeper do not say in which epoch.</summary>
    AppendWithoutEpochCheck,

    /// <summary>An append to the metadata whose answer was lost is made again at the end.</summary>
    LostAnswerTakenForFailure,

    /// <summary>What was committed while a session had no server is not looked for.</summary>
    WatchMissedAfterReconnect,

    /// <summary>Who follows a new leader cuts its log at its own high watermark (before KIP-101).</summary>
    CutAtOwnWatermark,

    /// <summary>A follower that parts from its leader cuts where the leader says, whatever epochs its own log has
    /// there (before KIP-279).</summary>
    DivergingEpochIgnored,

    /// <summary>A fetch of a follower counts for a leader of another epoch (before KIP-320).</summary>
    ReplicaFetchUnfenced,

    /// <summary>A follower appends what comes though the leader says that their logs part.</summary>
    DivergenceIgnored,

    /// <summary>The high watermark does not wait for followers.</summary>
    WatermarkIgnoresFollower,

    /// <summary>What an earlier run of a follower's broker fetched counts.</summary>
    ZombieReplicaCounts,

    /// <summary>Appends are taken and committed however few replicas are in sync.</summary>
    MinIsrUnchecked,

    /// <summary>A follower comes to be in sync before it has caught up.</summary>
    IsrGrownEarly,

    /// <summary>A follower says that it has what it has not on disk yet.</summary>
    FollowerNotFlushed,

    /// <summary>A coordinator believes the end of its log before it is committed.</summary>
    UncommittedLoaded,

    /// <summary>Records are said to be deleted while followers have them still.</summary>
    LowWatermarkIgnoresFollower,

    /// <summary>A quota on copies holds back replicas that are in sync.</summary>
    InSyncThrottled,

    /// <summary>A leader that finds its log damaged goes on leading.</summary>
    DamagedLeaderStays,
}
