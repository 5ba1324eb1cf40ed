using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Barnabas.Base;
using Barnabas.Base.Real;
using Barnabas.Keeper;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Tests.Ensemble;

/// <summary>The client and a real server that speaks TLS, and asks who connects.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private const string Password = "wonder land";
    private readonly string _directory = Directory.CreateTempSubdirectory("barnabas-tls-").FullName;
    private readonly X509Certificate2 _root = Root("CN=root");
    private readonly int _port = ZooKeeperServer.FreePort();
    private readonly ZooKeeperServer _server;

    public TlsTests()
    {
        Write("server.pem", Encoding.ASCII.GetBytes(Pem(Issue(_root, "CN=server", "localhost"), null)));
        Write("root.pem", Encoding.ASCII.GetBytes(_root.ExportCertificatePem()));
        _server = new ZooKeeperServer(Path.Combine(_directory, "1"), ZooKeeperServer.FreePort(), $"""
            secureClientPort={_port}
            secureClientPortAddress=127.0.0.1
            serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory
            authProvider.x509=org.apache.zookeeper.server.auth.X509AuthenticationProvider
            ssl.keyStore.location={_directory}/server.pem
            ssl.trustStore.location={_directory}/root.pem
            """);
    }

    [Theory]
    [InlineData("pem")]
    [InlineData("encrypted pem")]
    [InlineData("pkcs12")]
    public async Task Who_shows_a_certificate_is_let_in(string form)
    {
        var own = Issue(_root, "CN=bob", "bob");
        var path = Write("own", form switch
        {
            "pem" => Encoding.ASCII.GetBytes(Pem(own, null)),
            "encrypted pem" => Encoding.ASCII.GetBytes(Pem(own, Password)),
            _ => own.Export(X509ContentType.Pkcs12, Password),
        });
        var disk = RealHost.Create(NullLoggerFactory.Instance).Disk;
        var settings = new TlsSettings
        {
            Identity = KeyStore.ReadIdentity(disk, path, form == "pem" ? null : Password),
            Trusted = KeyStore.ReadTrusted(disk, $"{_directory}/root.pem", null),
            Protocols = SslProtocols.Tls12,
        };

        await TellAsync(settings, "localhost", async client =>
        {
            var large = new byte[300_000];
            Random.Shared.NextBytes(large);
            var made = await client.CreateAsync("/large", large, acl: KeeperAcl.CreatorAll);
            Assert.Equal(KeeperError.None, made.Error);
            Assert.Equal(large, (await client.GetDataAsync("/large")).Value.Data.ToArray());
            var owner = Assert.Single((await client.GetAclAsync("/large")).Value.Entries);
            Assert.Equal(("x509", "CN=bob"), (owner.Scheme, owner.Id));
            var all = await Task.WhenAll(Enumerable.Range(0, 200).Select(
                i => client.CreateAsync($"/n{i}", new byte[i * 10])));
            Assert.All(all, static one => Assert.Equal(KeeperError.None, one.Error));
            await client.DeleteAsync("/large");
            for (var i = 0; i < 200; i++)
                await client.DeleteAsync($"/n{i}");
        });
    }

    [Theory]
    [InlineData("another root", "its certificate is not trusted")]
    [InlineData("another name", "its certificate does not name 127.0.0.1")]
    [InlineData("no certificate", "")]
    public async Task Who_does_not_like_the_other_does_not_connect(string fault, string said)
    {
        var own = X509CertificateLoader.LoadPkcs12(
            Issue(_root, "CN=bob", "bob").Export(X509ContentType.Pkcs12), null);
        var settings = new TlsSettings
        {
            Identity = fault == "no certificate" ? null : SslStreamCertificateContext.Create(own, [], offline: true),
            Trusted = [fault == "another root" ? Root("CN=root") : _root],
            Protocols = SslProtocols.Tls12,
        };
        var host = RealHost.Create(NullLoggerFactory.Instance);
        var name = fault == "another name" ? "127.0.0.1" : "localhost";
        var stop = TestContext.Current.CancellationToken;
        var plain = await host.Network.DialAsync("127.0.0.1", _port, stop);

        var refused = await Assert.ThrowsAsync<IOException>(
            () => host.Network.EncryptAsync(plain, settings, name, stop).AsTask());

        Assert.Contains($"no TLS with {name}: {said}", refused.Message, StringComparison.Ordinal);
        if (fault == "another name")
            await TellAsync(settings with { ChecksName = false }, name, static _ => Task.CompletedTask);
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _server.Start();
        await _server.ServesAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
        return default;
    }

    private Task<bool> TellAsync(TlsSettings tls, string name, Func<KeeperClient, Task> story)
    {
        var host = RealHost.Create(NullLoggerFactory.Instance);
        var lane = host.Lanes.NewLane("test");
        // A client waits for its ensemble as long as it takes.
        return lane.RunAsync(async () =>
        {
            var connect = ConnectString.Parse($"{name}:{_port}");
            await using var client = KeeperClient.Start(host, lane, new KeeperSettings(connect) { Tls = tls });
            Assert.Equal(KeeperError.None, (await client.ExistsAsync("/")).Error);
            await story(client);
            return true;
        }).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    private string Write(string name, byte[] content)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static string Pem(X509Certificate2 own, string? password)
    {
        using var key = own.GetRSAPrivateKey()!;
        var terms = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 2048);
        var pem = password is null
            ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(password, terms);
        return $"{own.ExportCertificatePem()}\n{pem}\n";
    }

    private static X509Certificate2 Root(string name)
    {
        var request = new CertificateRequest(
            name, RSA.Create(2048), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    private static X509Certificate2 Issue(X509Certificate2 root, string name, string host)
    {
        var key = RSA.Create(2048);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        return request.Create(root, now.AddHours(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8))
            .CopyWithPrivateKey(key);
    }
}
