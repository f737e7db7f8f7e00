using Sealos.OsServices.Admission.Hosts;
using Xunit;

namespace Sealos.OsServices_Tests.Admission.Hosts;

public sealed class DnsMessageTests
{
    private static readonly byte[] Question = DnsMessage.Ask(0x1234, "_sealos-challenge.shop.example.org", DnsMessage.Txt);

    [Fact]
    public void Answer_ToTheQuestion_GivesItsTexts() => Assert.Equal(["ab"], DnsMessage.Read(Answer(Question, [0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 4, 1, (byte)'a', 1, (byte)'b']), Question)!);

    [Fact]
    public void Alias_IsReadThroughPointers()
    {
        var question = DnsMessage.Ask(7, "shop.example.org", DnsMessage.Cname);

        Assert.Equal(["web.example.org"], DnsMessage.Read(Answer(question, [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 6, 3, (byte)'W', (byte)'e', (byte)'b', 0xC0, 17]), question)!);
    }

    [Fact]
    public void RecordOfAnotherName_IsNotTheAnswer() =>
        Assert.Empty(DnsMessage.Read(Answer(Question, [1, (byte)'x', 0, 0, 16, 0, 1, 0, 0, 0, 60, 0, 2, 1, (byte)'a']), Question)!);

    [Fact]
    public void AnswerToAnotherQuestion_OrCutShort_OrGoingInCircles_IsNone()
    {
        var answer = Answer(Question, [0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 2, 1, (byte)'a']);
        var circle = Answer(Question, [0xC0, (byte)Question.Length, 0, 16, 0, 1, 0, 0, 0, 60, 0, 0]);

        Assert.Null(DnsMessage.Read(answer, DnsMessage.Ask(0x1235, "_sealos-challenge.shop.example.org", DnsMessage.Txt)));
        Assert.Null(DnsMessage.Read(answer, DnsMessage.Ask(0x1234, "_sealos-challenge.shop.example.com", DnsMessage.Txt)));
        Assert.Null(DnsMessage.Read(answer.AsSpan(0, answer.Length - 1), Question));
        Assert.Null(DnsMessage.Read(circle, Question));
        Assert.Null(DnsMessage.Read([], Question));
    }

    private static byte[] Answer(byte[] question, byte[] record)
    {
        byte[] answer = [.. question, .. record];
        answer[2] = 0x81;
        answer[7] = 1;
        return answer;
    }
}
