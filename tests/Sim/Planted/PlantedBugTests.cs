using Barnabas.Base;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Log;
using Xunit.Sdk;

namespace Barnabas.Tests.Simulation.Planted;

/// <summary>Every planted bug is caught by the check named for it, which passes without the bug.</summary>
public sealed class PlantedBugTests
{
    private static readonly Dictionary<PlantedBug, Action<PlantedBug>> Checks = new()
    {
        [PlantedBug.SyncSkipped] = LogChecks.What_is_flushed_outlives_a_power_cut,
        [PlantedBug.FailedSyncTrusted] = LogChecks.A_flush_that_failed_claims_nothing,
        [PlantedBug.CacheTrusted] = LogChecks.What_a_recovery_found_outlives_a_power_cut,
        [PlantedBug.RecoveredUnproven] = LogChecks.What_a_recovery_trusted_is_flushed_once_the_disk_has_it,
        [PlantedBug.DirectoryNotSynced] = LogChecks.What_is_flushed_after_a_roll_outlives_a_power_cut,
        [PlantedBug.AnsweredBeforeSync] = NodeChecks.What_is_acknowledged_outlives_a_power_cut,
        [PlantedBug.DuplicateAnsweredEarly] = NodeChecks.A_retry_is_acknowledged_no_sooner_than_the_batch,
        [PlantedBug.WatermarkBeforeSync] = NodeChecks.Nothing_may_be_read_that_is_not_on_disk,
        [PlantedBug.ReadBeyondWatermark] = NodeChecks.Nothing_is_served_beyond_the_high_watermark,
        [PlantedBug.ViewPublishedEarly] = LogChecks.A_view_shows_only_what_is_written,
        [PlantedBug.IndexNotRewound] = LogChecks.A_write_that_failed_leaves_nothing_in_the_indexes,
        [PlantedBug.ProducersNotUndone] = LogChecks.A_retry_after_a_failed_write_is_written,
        [PlantedBug.DuplicateWindowOfFour] = LogChecks.The_last_five_batches_are_known_again,
        [PlantedBug.OldEpochAccepted] = LogChecks.An_older_epoch_of_a_producer_is_refused,
        [PlantedBug.RecoveryPointAhead] = LogChecks.The_recovery_point_is_on_disk,
        [PlantedBug.TornTailKept] = TornTailTests.A_tail_torn_in_a_batch_is_cut_off,
        [PlantedBug.ChecksumsSkipped] = FlippedBitTests.A_changed_value_is_refused,
        [PlantedBug.ReplayBeginsLate] = LogChecks.Producers_outlive_a_restart,
        [PlantedBug.CleanShutdownKept] = NodeChecks.The_word_of_a_clean_stop_counts_once,
        [PlantedBug.MetadataNotSynced] = NodeChecks.A_topic_that_was_created_outlives_a_power_cut,
        [PlantedBug.ProducerIdsForgotten] = NodeChecks.A_producer_id_is_given_once,
        [PlantedBug.SessionDropsRecords] = NodeChecks.A_session_serves_all_that_comes,
        [PlantedBug.CommitAnsweredEarly] = CoordinatorChecks.What_a_group_committed_outlives_a_power_cut,
        [PlantedBug.GenerationNotFenced] = CoordinatorChecks.Who_is_of_an_old_generation_commits_nothing,
        [PlantedBug.TombstonesForgotten] = CoordinatorChecks.What_was_deleted_stays_away,
        [PlantedBug.LoadCutShort] = CoordinatorChecks.A_load_reads_all_there_is,
        [PlantedBug.HeartbeatForgotten] = CoordinatorChecks.Who_gives_signs_of_life_stays,
        [PlantedBug.WaitersForgotten] = CoordinatorChecks.Who_waits_for_a_group_hears_of_its_loss,
        [PlantedBug.StableOffByOne] = TransactionChecks.Committed_readers_stop_before_an_open_transaction,
        [PlantedBug.StableBeforeMarker] = TransactionChecks.Committed_readers_wait_until_a_marker_is_committed,
        [PlantedBug.AbortedListCutShort] = TransactionChecks.Committed_readers_hear_of_every_abort,
        [PlantedBug.MarkerNotFenced] = TransactionChecks.Markers_of_old_producers_and_old_coordinators_are_refused,
        [PlantedBug.SequenceAfterBumpAccepted] = TransactionChecks.A_new_epoch_begins_at_sequence_zero,
        [PlantedBug.VerificationSkipped] = TransactionChecks.A_late_batch_opens_no_transaction,
        [PlantedBug.PendingOffsetsVisible] = TransactionChecks.Offsets_count_once_their_transaction_is_committed,
        [PlantedBug.MarkerOfOldEpoch] = EndingChecks.The_end_of_a_transaction_is_above_its_records,
        [PlantedBug.OldTransactionEnded] = EndingChecks.An_end_that_comes_late_ends_nothing_else,
        [PlantedBug.TransactionTimeoutForgotten] = EndingChecks.A_transaction_ends_when_its_time_is_up,
        [PlantedBug.PreparedForgotten] = EndingChecks.What_was_decided_is_carried_out_after_a_power_cut,
        [PlantedBug.OverdueForgotten] = CoordinatorChecks.Who_waits_for_a_commit_is_let_go_in_time,
        [PlantedBug.TombstoneDroppedEarly] = CleaningChecks.A_tombstone_stays_until_its_horizon,
        [PlantedBug.OffsetMapOverflow] = CleaningChecks.What_counts_as_compacted_has_a_key_once,
        [PlantedBug.SwapNotSynced] = CleaningChecks.A_compacted_segment_outlives_a_power_cut,
        [PlantedBug.ActiveSegmentCleaned] = CleaningChecks.What_stands_in_the_active_segment_supersedes_nothing,
        [PlantedBug.MarkerDroppedEarly] = CleaningChecks.A_transaction_stays_committed,
        [PlantedBug.AbortedDataKept] = CleaningChecks.What_was_aborted_supersedes_nothing,
        [PlantedBug.ProducersCleaned] = CleaningChecks.A_producer_is_known_after_a_compaction,
        [PlantedBug.UnstableCleaned] = CleaningChecks.What_may_yet_be_aborted_supersedes_nothing,
        [PlantedBug.CleanedPointKept] = CleaningChecks.What_was_cut_off_counts_as_compacted_no_more,
        [PlantedBug.CleanedPointAhead] = CleaningChecks.What_the_checkpoint_says_is_compacted_is_so,
        [PlantedBug.SessionExpiryIgnored] = KeeperChecks.One_node_leads_at_a_time,
        [PlantedBug.AppendWithoutEpochCheck] = KeeperChecks.Nothing_of_an_old_epoch_is_committed_in_a_new_one,
        [PlantedBug.LostAnswerTakenForFailure] = KeeperChecks.What_was_appended_once_is_there_once,
        [PlantedBug.WatchMissedAfterReconnect] = KeeperChecks.Who_was_away_is_given_what_was_committed,
        [PlantedBug.CutAtOwnWatermark] = ReplicaChecks.A_follower_keeps_what_it_has_though_its_watermark_lags,
        [PlantedBug.DivergingEpochIgnored] = ReplicaChecks.Logs_that_parted_twice_come_together,
        [PlantedBug.ReplicaFetchUnfenced] = ReplicaChecks.A_leader_counts_no_fetch_of_an_earlier_epoch,
        [PlantedBug.DivergenceIgnored] = ReplicaChecks.A_leader_that_lost_cuts_off_what_nobody_else_has,
        [PlantedBug.WatermarkIgnoresFollower] = ReplicaChecks.What_is_acknowledged_is_on_every_replica_in_sync,
        [PlantedBug.ZombieReplicaCounts] = ReplicaChecks.A_leader_counts_no_fetch_of_an_earlier_run,
        [PlantedBug.MinIsrUnchecked] = ReplicaChecks.A_leader_alone_commits_nothing_where_two_are_asked_for,
        [PlantedBug.IsrGrownEarly] = ReplicaChecks.A_follower_is_in_sync_only_once_it_has_caught_up,
        [PlantedBug.FollowerNotFlushed] = ReplicaChecks.A_follower_has_what_is_on_its_disk,
        [PlantedBug.UncommittedLoaded] = ReplicaChecks.A_coordinator_begins_once_all_there_is_is_committed,
        [PlantedBug.LowWatermarkIgnoresFollower] = ReplicaChecks.What_is_deleted_is_deleted_everywhere,
        [PlantedBug.InSyncThrottled] = ReplicaChecks.Who_is_in_sync_is_not_throttled,
        [PlantedBug.DamagedLeaderStays] = ReplicaChecks.A_leader_whose_log_is_damaged_gives_up,
        [PlantedBug.FencedLeaderElected] = ControllerChecks.A_fenced_broker_is_not_elected,
        [PlantedBug.UncleanNotAsked] = ControllerChecks.Who_lacks_records_leads_only_where_that_is_allowed,
        [PlantedBug.LostReplicaEligible] = ControllerChecks.Who_lost_part_of_its_log_is_eligible_no_more,
        [PlantedBug.RestartedReplicaInSync] = ControllerChecks.Who_was_restarted_has_to_catch_up_anew,
        [PlantedBug.StaleBrokerHeard] = ControllerChecks.A_broker_that_registered_anew_is_heard_alone,
        [PlantedBug.StaleLeaderHeard] = ControllerChecks.A_leader_of_an_earlier_epoch_changes_nothing,
        [PlantedBug.StaleIsrTaken] = ControllerChecks.Who_left_the_isr_meanwhile_is_not_brought_back,
        [PlantedBug.ReassignmentEndsEarly] = ControllerChecks.A_reassignment_ends_when_its_replicas_are_in_sync,
    };

    public static TheoryData<string> Bugs() =>
        [.. Enum.GetNames<PlantedBug>().Where(static name => name != nameof(PlantedBug.None))];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Each_is_caught_by_a_check_that_passes_without_it(string name)
    {
        var bug = Enum.Parse<PlantedBug>(name);
        var check = Checks[bug];

        check(PlantedBug.None);

        var caught = Record.Exception(() => check(bug));
        Assert.True(caught is XunitException or BrokenPromiseException, $"{name}: {caught}");
    }
}
