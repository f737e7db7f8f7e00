using System.Buffers;
using System.Text;
using Sealos.ApiServer.Proxy;
using Xunit;

namespace Sealos.ApiServer.Tests.Proxy;

public sealed class HtmlLinksTests
{
    [Theory]
    [InlineData("<a href=\"/x\">t</a>", "<a href=\"/p/proxy/x\">t</a>")]
    [InlineData("<A class=b HREF = '/x?a=1&amp;b'>t</A>", "<A class=b HREF = '/p/proxy/x?a=1&amp;b'>t</A>")]
    [InlineData("<img alt=\"a > b\" src=/i.png>", "<img alt=\"a > b\" src=/p/proxy/i.png>")]
    [InlineData("<script src=\"/s.js\">if (1 </a href='/x'> 2) '<a href=\"/y\">'</script><a href='/z'>", "<script src=\"/p/proxy/s.js\">if (1 </a href='/x'> 2) '<a href=\"/y\">'</script><a href='/p/proxy/z'>")]
    [InlineData("<!-- <a href=\"/x\"> --><form action=\"/f\" method=post>", "<!-- <a href=\"/x\"> --><form action=\"/p/proxy/f\" method=post>")]
    [InlineData("<a href=\"http://10.0.0.1:80/x\"><a href=\"//api:6443/y\">", "<a href=\"/p/proxy/x\"><a href=\"/p/proxy/y\">")]
    [InlineData("<a href=\"//cdn/x\"><a href=x><a href=\"https://e.org/\"><a name=/n><a href=\"/p/proxy/q\"><p href=\"/x\">", null)]
    [InlineData("a < b, 1<2 <a href=\"/never closed", null)]
    [InlineData("<a href=\"/ü\"/><br/>", "<a href=\"/p/proxy/ü\"/><br/>")]
    public void Write_PutsThePrefixBeforeLinksOfThePage(string page, string? expected)
    {
        Assert.Equal(expected ?? page, Whole(page, int.MaxValue));

        // However the bytes come, the page is the same.
        foreach (var size in new[] { 1, 2, 3, 7 })
        {
            Assert.Equal(expected ?? page, Whole(page, size));
        }
    }

    [Fact]
    public void Write_OfATagThatNeverEnds_HoldsLittleBack()
    {
        var output = new ArrayBufferWriter<byte>();
        var links = new HtmlLinks("/p/proxy");
        links.Write("<a href=\""u8, output, isLast: false);
        for (var i = 0; i < 100; i++)
        {
            links.Write(new byte[10_000], output, isLast: false);
        }

        Assert.True(output.WrittenCount > 900_000);
    }

    private static string Whole(string page, int size)
    {
        var links = new HtmlLinks("/p/proxy", "10.0.0.1:80", "api:6443");
        var output = new ArrayBufferWriter<byte>();
        var bytes = Encoding.UTF8.GetBytes(page);
        for (var at = 0; at < bytes.Length; at += Math.Min(size, bytes.Length))
        {
            links.Write(bytes.AsSpan(at, Math.Min(size, bytes.Length - at)), output, isLast: false);
        }

        links.Write([], output, isLast: true);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
