using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using EntityData = Barnabas.Wire.Messages.AlterClientQuotasRequest.EntityData;
using Entry = Barnabas.Wire.Messages.AlterClientQuotasRequest.EntryData;

namespace Barnabas.Tests.Unit.Cluster;

public sealed class ClientQuotasTests
{
    private static readonly ClusterState State = ClusterState.Empty
        .After(Alter("user=alice", "producer_byte_rate=1000", "request_percentage=12.5"))
        .After(Alter("user=", "producer_byte_rate=500"))
        .After(Alter("client-id=app,user=alice", "consumer_byte_rate=7"))
        .After(Alter("client-id=,user=alice", "consumer_byte_rate=8"))
        .After(Alter("client-id=app", "controller_mutation_rate=0.5"))
        .After(Alter("ip=10.0.0.1", "connection_creation_rate=3"))
        .After(Alter("ip=", "connection_creation_rate=30"));

    [Theory]
    [InlineData("", "producer_byte_rate=1", "Invalid empty client quota entity")]
    [InlineData("group=g", "producer_byte_rate=1", "Unhandled client quota entity type: group")]
    [InlineData("user=''", "producer_byte_rate=1", "Empty user not supported")]
    [InlineData(
        "ip=1.2.3.4,user=a", "producer_byte_rate=1",
        "Invalid quota entity combination, IP entity should not be combined with User or ClientId")]
    [InlineData(
        "ip=1.2.3.4,client-id=a", "connection_creation_rate=1",
        "Invalid quota entity combination, IP entity should not be combined with User or ClientId")]
    [InlineData("ip=nowhere", "connection_creation_rate=1", "nowhere is not a valid IP or resolvable host.")]
    [InlineData("ip=1.2.3.4", "producer_byte_rate=1", "Invalid configuration key producer_byte_rate")]
    [InlineData("user=a", "connection_creation_rate=1", "Invalid configuration key connection_creation_rate")]
    [InlineData("user=a", "bytes=1", "Invalid configuration key bytes")]
    [InlineData("user=a", "producer_byte_rate=0", "Quota producer_byte_rate must be greater than 0")]
    [InlineData("user=a", "request_percentage=-1", "Quota request_percentage must be greater than 0")]
    [InlineData("user=a", "request_percentage=NaN", "Quota request_percentage must be greater than 0")]
    [InlineData("user=a", "producer_byte_rate=1.5", "producer_byte_rate cannot be a fractional value.")]
    [InlineData("user=a", "consumer_byte_rate=1e19", "Proposed value for consumer_byte_rate is too large for a LONG.")]
    [InlineData(
        "ip=::1", "connection_creation_rate=2147483648",
        "Proposed value for connection_creation_rate is too large for an INT.")]
    [InlineData("ip=::1", "connection_creation_rate=0.5", "connection_creation_rate cannot be a fractional value.")]
    public void What_cannot_be_meant_is_refused(string entity, string quota, string fault)
    {
        var decision = Alter(entity, quota);

        Assert.Empty(decision.Records);
        var entry = Assert.Single(decision.Answer.Entries);
        Assert.Equal((ErrorCode.InvalidRequest, fault), (entry.ErrorCode, entry.ErrorMessage));
    }

    [Theory]
    [InlineData("user=a", "request_percentage=0.01")]
    [InlineData("user=a", "controller_mutation_rate=1e300")]
    [InlineData("user=a", "producer_byte_rate=9.2e18")]
    [InlineData("client-id=,user=", "consumer_byte_rate=1")]
    [InlineData("ip=fe80::1", "connection_creation_rate=2147483647")]
    public void What_can_be_meant_is_kept(string entity, string quota)
    {
        var state = ClusterState.Empty.After(Alter(entity, quota));

        Assert.Equal([$"{entity}: {quota}"], Texts(DescribeClientQuotas.Answer(state, new())));
    }

    [Fact]
    public void A_key_named_twice_spoils_its_entity_alone()
    {
        var decision = AlterClientQuotas.Decide(ClusterState.Empty, new()
        {
            Entries =
            [
                Of("user=a", "producer_byte_rate=1", "producer_byte_rate=2"), Of("user=b", "producer_byte_rate=3"),
            ],
        });

        Assert.Equal(
            [
                "Duplicate quota key producer_byte_rate not updating quota for this entity "
                    + "ClientQuotaEntity(entries={user=a})",
                null,
            ],
            decision.Answer.Entries.Select(entry => entry.ErrorMessage));
        Assert.Equal(
            ["user=b: producer_byte_rate=3"],
            Texts(DescribeClientQuotas.Answer(ClusterState.Empty.After(decision), new())));
    }

    [Fact]
    public void An_entity_named_twice_is_changed_once_and_told_so()
    {
        var decision = AlterClientQuotas.Decide(ClusterState.Empty, new()
        {
            Entries =
            [
                Of("user=,client-id=x", "producer_byte_rate=1"), Of("client-id=x,user=", "producer_byte_rate=2"),
            ],
        });

        Assert.Equal(
            "Ignoring duplicate entity ClientQuotaEntity(entries={client-id=x, user=null})",
            Assert.Single(decision.Answer.Entries).ErrorMessage);
        Assert.Single(decision.Records);
    }

    [Fact]
    public void What_is_removed_is_gone_and_the_rest_stays()
    {
        var state = State.After(AlterIn(State, "user=alice", "producer_byte_rate=-", "consumer_byte_rate=-"));
        Assert.Equal(["request_percentage"], state.ClientQuotas[QuotaEntity.Of("user", "alice")].Select(q => q.Key));

        state = state.After(AlterIn(state, "user=alice", "request_percentage=-"));
        Assert.False(state.ClientQuotas.ContainsKey(QuotaEntity.Of("user", "alice")));
    }

    [Fact]
    public void What_changes_nothing_is_not_recorded()
    {
        Assert.Empty(AlterIn(State, "user=", "producer_byte_rate=500").Records);
        Assert.Empty(AlterIn(State, "user=bob", "producer_byte_rate=-").Records);
        var tried = AlterClientQuotas.Decide(
            State, new() { Entries = [Of("user=bob", "producer_byte_rate=5")], ValidateOnly = true });
        Assert.Equal(ErrorCode.None, Assert.Single(tried.Answer.Entries).ErrorCode);
        Assert.Empty(tried.Records);
    }

    [Theory]
    [InlineData(
        "", false,
        "client-id=,user=alice|client-id=app|client-id=app,user=alice|ip=|ip=10.0.0.1|user=|user=alice")]
    [InlineData("", true, "")]
    [InlineData("user=alice", false, "client-id=,user=alice|client-id=app,user=alice|user=alice")]
    [InlineData("user=alice", true, "user=alice")]
    [InlineData("user=", true, "user=")]
    [InlineData("user=*", true, "user=|user=alice")]
    [InlineData("user=*,client-id=*", true, "client-id=,user=alice|client-id=app,user=alice")]
    [InlineData("user=alice,client-id=", false, "client-id=,user=alice")]
    [InlineData("client-id=app", false, "client-id=app|client-id=app,user=alice")]
    [InlineData("ip=*", false, "ip=|ip=10.0.0.1")]
    [InlineData("user=bob", false, "")]
    public void Entities_are_found_by_their_parts(string filter, bool strict, string found)
    {
        var answer = DescribeClientQuotas.Answer(State, Filter(filter, strict));

        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        var entities = Texts(answer).Select(text => text[..text.IndexOf(": ", StringComparison.Ordinal)]);
        Assert.Equal(found, string.Join('|', entities));
    }

    [Theory]
    [InlineData("", 0, "a", ErrorCode.InvalidRequest, "Invalid empty entity type.")]
    [InlineData("group", 0, "a", ErrorCode.UnsupportedVersion, "Unsupported entity type group")]
    [InlineData(
        "user", 0, null, ErrorCode.InvalidRequest,
        "Request specified MATCH_TYPE_EXACT, but set the match string to null.")]
    [InlineData(
        "user", 1, "a", ErrorCode.InvalidRequest,
        "Request specified MATCH_TYPE_DEFAULT, but also specified a match string.")]
    [InlineData(
        "user", 2, "a", ErrorCode.InvalidRequest,
        "Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.")]
    [InlineData("user", 3, null, ErrorCode.InvalidRequest, "Unknown match type 3")]
    public void Filters_that_make_no_sense_are_refused(
        string type, sbyte match, string? name, ErrorCode code, string fault)
    {
        var answer = DescribeClientQuotas.Answer(
            State, new() { Components = [new() { EntityType = type, MatchType = match, Match = name }] });

        Assert.Equal((code, fault, null), (answer.ErrorCode, answer.ErrorMessage, answer.Entries));
    }

    [Theory]
    [InlineData("user=a,user=b", "Entity type user cannot appear more than once in the filter.")]
    [InlineData(
        "ip=*,user=b",
        "Invalid entity filter component combination. IP filter component should not be used with user or clientId "
            + "filter component.")]
    public void Filters_that_contradict_themselves_are_refused(string filter, string fault) =>
        Assert.Equal(fault, DescribeClientQuotas.Answer(State, Filter(filter, strict: false)).ErrorMessage);

    private static Decision<AlterClientQuotasResponse, ITypedRecord> Alter(string entity, params string[] quotas) =>
        AlterIn(ClusterState.Empty, entity, quotas);

    private static Decision<AlterClientQuotasResponse, ITypedRecord> AlterIn(
        ClusterState state, string entity, params string[] quotas) =>
        AlterClientQuotas.Decide(state, new() { Entries = [Of(entity, quotas)] });

    private static Entry Of(string entity, params string[] quotas) => new()
    {
        Entity = [.. Parts(entity).Select(part => new EntityData { EntityType = part.Type, EntityName = part.Name })],
        Ops = [.. quotas.Select(quota => quota.Split('=')).Select(pair => new AlterClientQuotasRequest.OpData
        {
            Key = pair[0],
            Value = pair[1] == "-" ? 0 : double.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture),
            Remove = pair[1] == "-",
        })],
    };

    private static DescribeClientQuotasRequest Filter(string text, bool strict) => new()
    {
        Strict = strict,
        Components = [.. Parts(text).Select(part => new DescribeClientQuotasRequest.ComponentData
        {
            EntityType = part.Type,
            MatchType = part.Name switch { null => 1, "*" => 2, _ => 0 },
            Match = part.Name == "*" ? null : part.Name,
        })],
    };

    private static IEnumerable<(string Type, string? Name)> Parts(string text) =>
        from part in text.Split(',', StringSplitOptions.RemoveEmptyEntries)
        let pair = part.Split('=')
        select (pair[0], pair[1] switch { "" => null, "''" => "", var name => name });

    private static IEnumerable<string> Texts(DescribeClientQuotasResponse answer) =>
        answer.Entries!.Select(entry =>
            string.Join(',', entry.Entity.Select(part => $"{part.EntityType}={part.EntityName}")) + ": "
            + string.Join(' ', entry.Values.Select(value => $"{value.Key}={Text(value.Value)}")));

    private static string Text(double value) => value switch
    {
        1e300 => "1e300",
        9.2e18 => "9.2e18",
        _ => value.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
