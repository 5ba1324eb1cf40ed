using System.Text;
using System.Text.Json;
using Barnabas.Base;

namespace Barnabas.Quorum;

/// <summary>The file <c>quorum-state</c>: the newest epoch this node has seen, and whom it has voted for in
/// it.</summary>
/// <remarks>Replaced before anything is done in the epoch, so that no epoch is led twice.</remarks>
/// <param name="KRaftVersion">Which of the two forms the file has.</param>
/// <param name="LeaderId">Who leads; none when that is not known.</param>
/// <param name="LeaderEpoch">The epoch.</param>
/// <param name="Voted">Whom this node voted for; null for nobody. Form 0 knows no directory.</param>
/// <param name="Voters">The voters of form 0; empty in form 1, where the log has them.</param>
internal sealed record QuorumState(
    short KRaftVersion, BrokerId LeaderId, int LeaderEpoch, Voter? Voted, IReadOnlyList<BrokerId> Voters)
{
    private const string FileName = "quorum-state";

    /// <summary>Reads the file; null where there is none.</summary>
    /// <exception cref="MetadataDamagedException">It cannot be read as what it should be.</exception>
    public static QuorumState? Read(IDisk disk, string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (DurableFile.Read(disk, path) is not { } bytes)
            return null;
        try
        {
            using var json = JsonDocument.Parse(bytes);
            return From(json.RootElement) ?? throw new MetadataDamagedException(path, 0, 0, "not a quorum state");
        }
        catch (JsonException fault)
        {
            throw new MetadataDamagedException(path, 0, 0, $"not a quorum state: {fault.Message}");
        }
    }

    /// <summary>Replaces the file, durably.</summary>
    public void Write(IDisk disk, string directory)
    {
        var path = Path.Combine(directory, FileName);
        DurableFile.Replace(disk, path, path + ".tmp", [Encoding.UTF8.GetBytes(ToJson())]);
    }

    // Nothing in it needs an escape, and a writer that knows them takes a node's start a while to load.
    private string ToJson()
    {
        var lead = Text($"\"leaderId\":{LeaderId.Value},\"leaderEpoch\":{LeaderEpoch}");
        var vote = Text($"{lead},\"votedId\":{Voted?.Id.Value ?? -1}");
        var directory = Voted?.DirectoryId ?? Uuid.Zero;
        var voters = string.Join(',', Voters.Select(static voter => Text($"{{\"voterId\":{voter.Value}}}")));
        return KRaftVersion == 0
            ? $"{{\"clusterId\":\"\",{vote},\"appliedOffset\":0,\"currentVoters\":[{voters}],\"data_version\":0}}"
            : Text($"{{{vote},\"votedDirectoryId\":\"{directory}\",\"data_version\":{KRaftVersion}}}");
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static QuorumState? From(JsonElement json)
    {
        if (Number(json, "data_version") is not { } form || form is not (0 or 1)
            || Number(json, "leaderId") is not { } leader || Number(json, "leaderEpoch") is not { } epoch
            || Number(json, "votedId") is not { } voted)
        {
            return null;
        }

        var directory = Uuid.Zero;
        if (form == 1 && !(Text(json, "votedDirectoryId") is { } text && Uuid.TryParse(text, out directory)))
            return null;

        Voter? vote = voted < 0 ? null : new Voter(new BrokerId(voted), directory);
        return new QuorumState((short)form, new BrokerId(leader), epoch, vote, form == 0 ? VotersOf(json) : []);
    }

    private static List<BrokerId> VotersOf(JsonElement json)
    {
        var voters = new List<BrokerId>();
        if (Property(json, "currentVoters") is not { ValueKind: JsonValueKind.Array } list)
            return voters;
        foreach (var voter in list.EnumerateArray())
        {
            if (Number(voter, "voterId") is { } id)
                voters.Add(new BrokerId(id));
        }

        return voters;
    }

    private static int? Number(JsonElement json, string name) =>
        Property(json, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value)
            ? value
            : null;

    private static string? Text(JsonElement json, string name) =>
        Property(json, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement? Property(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var property) ? property : null;
}
