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
            return From(json.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw new MetadataDamagedException(path, 0, 0, $"not a quorum state: {fault.Message}");
        }
    }

    /// <summary>Replaces the file, durably.</summary>
    public void Write(IDisk disk, string directory)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (KRaftVersion == 0)
                json.WriteString("clusterId", "");
            json.WriteNumber("leaderId", LeaderId.Value);
            json.WriteNumber("leaderEpoch", LeaderEpoch);
            json.WriteNumber("votedId", Voted?.Id.Value ?? -1);
            if (KRaftVersion == 0)
                WriteFormZero(json);
            else
                json.WriteString("votedDirectoryId", (Voted?.DirectoryId ?? Uuid.Zero).ToString());
            json.WriteNumber("data_version", KRaftVersion);
            json.WriteEndObject();
        }

        var path = Path.Combine(directory, FileName);
        DurableFile.Replace(disk, path, path + ".tmp", [stream.ToArray()]);
    }

    private void WriteFormZero(Utf8JsonWriter json)
    {
        json.WriteNumber("appliedOffset", 0);
        json.WriteStartArray("currentVoters");
        foreach (var voter in Voters)
        {
            json.WriteStartObject();
            json.WriteNumber("voterId", voter.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static QuorumState From(JsonElement json)
    {
        var form = json.GetProperty("data_version").GetInt16();
        if (form is not (0 or 1))
            throw new FormatException($"data_version {form} is not known");

        var votedId = new BrokerId(json.GetProperty("votedId").GetInt32());
        var directory = Uuid.Zero;
        if (form == 1 && json.GetProperty("votedDirectoryId").GetString() is { } text
            && !Uuid.TryParse(text, out directory))
        {
            throw new FormatException($"{text} is no directory id");
        }

        IReadOnlyList<BrokerId> voters =
            form == 0 && json.GetProperty("currentVoters") is { ValueKind: JsonValueKind.Array } list
                ? [.. list.EnumerateArray().Select(voter => new BrokerId(voter.GetProperty("voterId").GetInt32()))]
                : [];
        return new QuorumState(
            form, new BrokerId(json.GetProperty("leaderId").GetInt32()), json.GetProperty("leaderEpoch").GetInt32(),
            votedId == BrokerId.None ? null : new Voter(votedId, directory), voters);
    }
}
