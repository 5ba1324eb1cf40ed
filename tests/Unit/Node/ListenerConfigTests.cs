using System.Net;
using Barnabas.Cluster.Configs;
using Barnabas.Node.Configuration;

namespace Barnabas.Tests.Unit.Node;

public sealed class ListenerConfigTests
{
    public static TheoryData<string, string, string> Good => new()
    {
        { "listeners=PLAINTEXT://:9092", "PLAINTEXT://:9092", "PLAINTEXT://box:9092" },
        { "listeners=plaintext://127.0.0.1:0", "PLAINTEXT://127.0.0.1:0", "PLAINTEXT://127.0.0.1:0" },
        { "listeners=PLAINTEXT://[::1]:9092", "PLAINTEXT://[::1]:9092", "PLAINTEXT://[::1]:9092" },
        {
            "listeners=PLAINTEXT://0.0.0.0:9092;advertised.listeners=PLAINTEXT://kafka.example:19092",
            "PLAINTEXT://0.0.0.0:9092", "PLAINTEXT://kafka.example:19092"
        },
        {
            "listeners=IN://10.0.0.1:1, OUT://:2;listener.security.protocol.map=IN:PLAINTEXT,OUT:plaintext;"
                + "advertised.listeners=OUT://far:22",
            "IN://10.0.0.1:1 OUT://:2", "IN://10.0.0.1:1 OUT://far:22"
        },
        {
            "listeners=A://127.0.0.1:9092,B://[::1]:9092;listener.security.protocol.map=A:PLAINTEXT,B:PLAINTEXT",
            "A://127.0.0.1:9092 B://[::1]:9092", "A://127.0.0.1:9092 B://[::1]:9092"
        },
        {
            "listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093;controller.listener.names=CONTROLLER",
            "PLAINTEXT://localhost:9092", "PLAINTEXT://localhost:9092"
        },
        {
            "listeners=PLAINTEXT://localhost:9092,C://localhost:9093;controller.listener.names=C;"
                + "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,C:SSL",
            "PLAINTEXT://localhost:9092", "PLAINTEXT://localhost:9092"
        },
    };

    public static TheoryData<string, string> Bad => new()
    {
        { "listeners=localhost:9092", "Unable to parse localhost:9092 to a broker endpoint" },
        { "listeners=PLAINTEXT://localhost", "Unable to parse PLAINTEXT://localhost to a broker endpoint" },
        { "listeners=PLAINTEXT://::1:9092", "with IPv6 addresses in brackets" },
        { "listeners=PLAINTEXT://a b:9092", "Unable to parse" },
        { "listeners=PLAINTEXT://a:70000", "the port must be a number from 0 to 65535" },
        { "listeners=", "no listener is given" },
        { "listeners=WEB://a:1", "add WEB:PLAINTEXT to listener.security.protocol.map" },
        { "listeners=SSL://a:9093", "SSL://a:9093 asks for SSL; this version opens only PLAINTEXT listeners" },
        { "listeners=SASL_SSL://a:9093", "asks for SASL_SSL" },
        { "listeners=PLAINTEXT://a:1,PLAINTEXT://b:2", "Each listener must have a different name" },
        { "listeners=A://a:1,B://b:1;listener.security.protocol.map=A:PLAINTEXT,B:PLAINTEXT", "share 1" },
        { "listeners=C://a:1;controller.listener.names=C", "clients need one too" },
        { "listener.security.protocol.map=A", "is not of the form NAME:PROTOCOL" },
        { "listener.security.protocol.map=A:TLS", "there is no security protocol 'TLS'" },
        { "listener.security.protocol.map=A:SSL,a:SSL", "stands there twice" },
        { "listeners=PLAINTEXT://0.0.0.0:9092", "cannot use the nonroutable meta-address 0.0.0.0" },
        { "listeners=PLAINTEXT://[::]:9092", "leave the host out: PLAINTEXT://:9092" },
        { "advertised.listeners=PLAINTEXT://0.0.0.0:9092", "cannot use the nonroutable meta-address 0.0.0.0" },
        { "advertised.listeners=SSL://a:1", "SSL://a:1 has no listener of its name; listeners has PLAINTEXT" },
        { "inter.broker.listener.name=X", "there is no listener X for it; there is PLAINTEXT" },
        { "inter.broker.listener.name=PLAINTEXT;security.inter.broker.protocol=PLAINTEXT", "Only one of" },
        { "security.inter.broker.protocol=SSL", "there is no listener SSL for it" },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public void Listeners_are_read_with_what_clients_are_told(string configs, string listeners, string advertised)
    {
        var set = Load(configs).Configs!.Listeners;

        Assert.Equal(listeners, string.Join(' ', set.ForClients));
        Assert.Equal(advertised, string.Join(' ', set.Advertised));
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void Listeners_that_cannot_be_are_refused_with_the_reason(string configs, string reason) =>
        Assert.Contains(reason, Assert.Single(Load(configs).Faults));

    [Theory]
    [InlineData("listeners=IN://:1,OUT://:2;listener.security.protocol.map=IN:PLAINTEXT,OUT:PLAINTEXT", "IN")]
    [InlineData(
        "listeners=IN://:1,OUT://:2;listener.security.protocol.map=IN:PLAINTEXT,OUT:PLAINTEXT;"
        + "inter.broker.listener.name=out", "OUT")]
    public void Brokers_use_the_listener_named_for_them_or_the_first(string configs, string name) =>
        Assert.Equal(name, Load(configs).Configs!.Listeners.InterBroker);

    [Theory]
    [InlineData("", "::")]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("kafka.example", null)]
    public void A_listener_knows_its_address_unless_a_name_service_must_be_asked(string host, string? address)
    {
        var found = new Listener("X", SecurityProtocol.Plaintext, host, 9092).TryGetAddress(out var at);

        Assert.Equal(address is not null, found);
        Assert.Equal(address is null ? null : new IPEndPoint(IPAddress.Parse(address), 9092), at);
    }

    private static LoadedConfigs Load(string configs) => ServerConfigLoader.Load(new()
    {
        File = new("server.properties", configs.Replace(';', '\n')),
        HostName = "box",
    });
}
