using ChatMvc.Operators.InForce;

namespace ChatMvc.Tests.Operators;

/// <summary>The settings in force, on a page.</summary>
public sealed class SettingsTests
{
    private const string Secret = "QZXWJKVB";

    [Fact]
    public async Task Each_setting_stands_there_with_where_it_comes_from_and_no_secret_is_shown()
    {
        await using var app = await Ops.StartAsync(
            $"Stripe:SecretKey=sk_test_{Secret}", $"Stripe:WebhookSecret={Secret}old,{Secret}new", "Stripe:ProPriceId=price_1", $"Stripe:BaseUrl=http://me:{Secret}@127.0.0.1:9",
            $"OPENAI_API_KEY={Secret}", "OpenAI:BaseUrl=http://127.0.0.1:9/v1", "OpenAI:Models=one, two", "Otp:MaxAttempts=3");
        using var olga = await app.SignInAsOperatorAsync();

        var page = await olga.GetAsync("/ops/settings");

        Assert.Equal("set, not shown from command line", Row("OpenAI:ApiKey"));
        Assert.Equal("set, not shown from command line", Row("Stripe:SecretKey"));
        Assert.Equal("set, not shown from command line", Row("Stripe:WebhookSecret"));
        Assert.Equal("not set from default", Row("Twilio:AuthToken"));
        Assert.Equal("http://127.0.0.1:9/ (with a part that is not shown) from command line", Row("Stripe:BaseUrl"));
        Assert.Equal("one, two from command line", Row("OpenAI:Models"));
        Assert.Equal("3 from command line", Row("Otp:MaxAttempts"));
        Assert.Equal("00:05:00 from default", Row("Otp:Lifetime"));
        Assert.Equal("not set from default", Row("SignUp:Mode"));
        Assert.StartsWith("http://127.0.0.1:0 from", Row("Urls"), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret[..3], page.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(TestApp.PhoneOf(Ops.Operator), Row("Operators"), StringComparison.Ordinal);

        string Row(string key)
        {
            var row = page.Document.QuerySelector($"tr[data-key='{key}']") ?? throw new InvalidOperationException($"No row {key} (status {page.Status}):\n{page.Text}");
            return $"{row.Children[1].TextContent} from {row.Children[2].TextContent}";
        }
    }

    [Theory]
    [InlineData("OpenAI:ApiKey", true)]
    [InlineData("Twilio:AuthToken", true)]
    [InlineData("Stripe:SecretKey", true)]
    [InlineData("Stripe:WebhookSecret", true)]
    [InlineData("Metrics:Token", true)]
    [InlineData("OpenAI:MaxAnswerTokens", false)]
    [InlineData("Passwords:MinLength", false)]
    public void What_is_secret_is_told_by_its_name(string key, bool isSecret) => Assert.Equal(isSecret, SettingsInForce.IsSecret(key));

    [Fact]
    public async Task Operators_find_the_way_to_their_pages_on_their_account_page_and_others_see_none()
    {
        await using var app = await Ops.StartAsync();
        using var olga = await app.SignInAsOperatorAsync();
        using var maya = await app.SignInAsAsync("Maya");
        Assert.NotNull((await olga.GetAsync("/account")).Document.QuerySelector("a[href='/ops']"));
        Assert.DoesNotContain("/ops", (await maya.GetAsync("/account")).Text, StringComparison.Ordinal);
    }
}
