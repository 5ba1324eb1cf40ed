using System.Net;
using System.Net.Sockets;
using Barnabas.Cluster.Configs;
using Keys = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Node.Configuration;

/// <summary>Reads all configs about listeners into a <see cref="ListenerSet"/>.</summary>
/// <param name="values">The broker configs.</param>
/// <param name="isSet">Whether a config is set, rather than at its default.</param>
/// <param name="hostName">What clients are told where a listener names no host.</param>
internal sealed class ListenerReader(ConfigValues values, Func<string, bool> isSet, string hostName)
{
    private readonly SortedDictionary<string, SecurityProtocol> _protocols = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _controllers = new(
        values.List(Keys.ControllerListenerNames).Select(n => n.ToUpperInvariant()), StringComparer.Ordinal);

    /// <summary>The listeners, or what is wrong with them: one of the two is null.</summary>
    public (ListenerSet? Set, ListenerFault? Fault) Read()
    {
        if (ListenerText.ParseMap(values.List(Keys.ListenerSecurityProtocolMap), _protocols) is { } wrongMap)
            return (null, new(Keys.ListenerSecurityProtocolMap, wrongMap));
        AddControllersToMap();

        var all = new List<Listener>();
        if (ReadList(Keys.Listeners, all) is { } wrongList)
            return (null, wrongList);
        if (CheckListeners(all) is { } wrong)
            return (null, new(Keys.Listeners, wrong));

        var clients = all.Where(l => !_controllers.Contains(l.Name)).ToList();
        var controllers = all.Where(l => _controllers.Contains(l.Name)).ToList();
        if (clients.Count == 0)
            return (null, new(Keys.Listeners, "every listener is for controllers: clients need one too"));
        if (clients.Find(l => l.Protocol != SecurityProtocol.Plaintext) is { } secured)
            return (null, new(Keys.Listeners, SaySecured(secured)));

        var (advertised, fault) = ReadAdvertised(clients);
        if (advertised is null)
            return (null, fault);
        var (interBroker, odd) = FindInterBroker(clients);
        return interBroker is null ? (null, odd) : (new(clients, controllers, advertised, interBroker), null);
    }

    /// <summary>Where nobody maps names to protocols, controllers' listeners are plain.</summary>
    private void AddControllersToMap()
    {
        if (isSet(Keys.ListenerSecurityProtocolMap))
            return;
        foreach (var name in _controllers)
            _protocols.TryAdd(name, SecurityProtocol.Plaintext);
    }

    private ListenerFault? ReadList(string key, List<Listener> into)
    {
        foreach (var text in values.List(key))
        {
            if (!ListenerText.TryParse(text, _protocols, out var listener, out var fault))
                return new(key, fault);
            into.Add(listener);
        }

        return into.Count > 0 ? null : new(key, "no listener is given");
    }

    private static string? CheckListeners(List<Listener> listeners)
    {
        if (listeners.Find(l => listeners.FindAll(other => other.Name == l.Name).Count > 1) is { } twice)
            return $"Each listener must have a different name, but {twice.Name} stands there twice";
        var samePort = listeners
            .Where(l => l.Port > 0)
            .Select(l => listeners.FindAll(other => other.Port == l.Port))
            .FirstOrDefault(sharing => !MayShare(sharing));
        return samePort is null
            ? null
            : "Each listener must have a different port unless exactly one listener has an IPv4 address and "
                + $"the other IPv6 address, but {string.Join(" and ", samePort)} share {samePort[0].Port}";
    }

    private static bool MayShare(List<Listener> samePort)
    {
        if (samePort.Count == 1)
            return true;
        var families = samePort.Select(FamilyOf).Order().ToList();
        return families is [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];
    }

    private static AddressFamily FamilyOf(Listener listener) =>
        IPAddress.TryParse(listener.Host, out var address) ? address.AddressFamily : AddressFamily.Unspecified;

    private static string SaySecured(Listener listener)
    {
        var word = listener.Protocol switch
        {
            SecurityProtocol.Ssl => "SSL",
            SecurityProtocol.SaslSsl => "SASL_SSL",
            _ => "SASL_PLAINTEXT",
        };
        return $"{listener} asks for {word}; this version opens only PLAINTEXT listeners";
    }

    private (List<Listener>? Advertised, ListenerFault? Fault) ReadAdvertised(List<Listener> clients)
    {
        var given = new List<Listener>();
        if (isSet(Keys.AdvertisedListeners) && ReadList(Keys.AdvertisedListeners, given) is { } wrong)
            return (null, wrong);
        given.RemoveAll(l => _controllers.Contains(l.Name));
        if (given.Find(g => !clients.Exists(c => c.Name == g.Name)) is { } stray)
        {
            return (null, new(Keys.AdvertisedListeners,
                $"{stray} has no listener of its name; listeners has {Names(clients)}"));
        }

        var advertised = new List<Listener>();
        foreach (var client in clients)
        {
            var told = given.Find(g => g.Name == client.Name) ?? client;
            if (told.Host is "0.0.0.0" or "::")
                return (null, SayUnroutable(told, ReferenceEquals(told, client)));
            advertised.Add(told.Host.Length > 0 ? told : told with { Host = hostName });
        }

        return (advertised, null);
    }

    private static ListenerFault SayUnroutable(Listener told, bool isDerived)
    {
        var said = $"advertised.listeners cannot use the nonroutable meta-address {told.Host}. "
            + "Use a routable IP address";
        var open = told with { Host = "" };
        return isDerived
            ? new(Keys.Listeners, $"{told} has nothing to tell clients: {said}, or leave the host out: {open}")
            : new(Keys.AdvertisedListeners, said);
    }

    private (string? Name, ListenerFault? Fault) FindInterBroker(List<Listener> clients)
    {
        var isNamed = isSet(Keys.InterBrokerListenerName);
        if (isNamed && isSet(Keys.SecurityInterBrokerProtocol))
        {
            return (null, new(Keys.InterBrokerListenerName,
                "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set"));
        }

        var key = isNamed ? Keys.InterBrokerListenerName : Keys.SecurityInterBrokerProtocol;
        var name = values.Word(key);
        if (clients.Find(c => c.Name.Equals(name.Trim(), StringComparison.OrdinalIgnoreCase)) is { } named)
            return (named.Name, null);
        return !isNamed && !isSet(Keys.SecurityInterBrokerProtocol)
            ? (clients[0].Name, null)
            : (null, new(key, $"there is no listener {name} for it; there is {Names(clients)}"));
    }

    private static string Names(List<Listener> listeners) => string.Join(", ", listeners.Select(l => l.Name));
}
