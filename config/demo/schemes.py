"""Decision schemes, made by the database from the clients' plan."""
# ruff: noqa: S608 (this package's own words are put into the statements, never typed text)

from datetime import date

from config.demo.mixing import quote, sql_choice, sql_mix, sql_pick, sql_texts
from config.demo.names import FATHERS, MEN, SURNAMES, WOMEN
from core import text

# By segment and place in the scheme: job title, department, roles, superior, letter box.
_PLACES = (
    ("retail", 0, "Главный бухгалтер", "accounting", "main_key_user key_user", 1, "buh"),
    ("retail", 1, "Генеральный директор", "management", "decision_maker", None, "dir"),
    ("network", 0, "Генеральный директор", "management", "decision_maker", None, "dir"),
    ("network", 1, "Главный бухгалтер", "accounting", "main_key_user", 0, "buh"),
    ("network", 2, "Руководитель юридической службы", "legal", "main_key_user", 0, "jur"),
    ("network", 3, "Начальник отдела кадров", "hr", "key_user", 0, "kadry"),
    ("network", 4, "Бухгалтер по налогам", "accounting", "key_user", 1, "nalog"),
    ("network", 5, "Юрисконсульт", "legal", "key_user", 2, "jur2"),
    ("network", 6, "Начальник отдела закупок", "purchasing", "key_user", 0, "zakupki"),
    ("network", 7, "Заместитель директора по экономике", "management", "decision_maker", 0, "zam"),
)

_CITIES = ["342", "343", "351", "383", "391", "423", "473", "485", "495", "499", "812", "831"]


def statements(on: date) -> list[tuple[str, str]]:
    """What is being made, and the statement that makes it, in order."""
    today = f"DATE '{on:%Y-%m-%d}'"
    return [
        ("контактные лица", _participants_plan()),
        ("контактные лица", "ANALYZE demo_part"),
        ("контактные лица", _people()),
        ("участники СПР", _participants(today)),
        ("участники СПР", _superiors()),
        ("роли в СПР", _roles(today)),
        *_twins(today),
    ]


def _keys(words: list[str]) -> list[str]:
    return [text.key(word) for word in words]


def _participants_plan() -> str:
    """Who stands where. Now and then one accountant keeps the books of two companies, and a
    former one is remembered."""
    rows = ", ".join(
        f"({quote(segment)}, {place}, {quote(title)}, {quote(department)}, {quote(roles)}, "
        f"{'NULL' if boss is None else boss}::int, {quote(box)})"
        for segment, place, title, department, roles, boss, box in _PLACES
    )
    shared = (
        f"c.segment = 'retail' AND p.k = 0 AND c.part_first > 1 AND {sql_pick(60, 'c.n', 401)} = 0"
    )
    return f"""
    CREATE TEMPORARY TABLE demo_part ON COMMIT DROP AS
    SELECT c.part_first + p.k AS id, c.id AS client_id, c.n, p.k, p.title, p.roles, p.box,
           dep.id AS department_id, c.conn_off, c.segment, c.churn_off,
           CASE WHEN p.boss < c.part_n THEN c.part_first + p.boss END AS boss_id,
           CASE WHEN {shared} AND lag(c.segment) OVER w = 'retail' AND lag(p.k) OVER w <= 1
               THEN lag(c.part_first) OVER w ELSE c.part_first + p.k END AS person_id,
           {sql_pick(3, "c.n", 402, "p.k")} > 0 AS woman
    FROM demo_client c
    JOIN (VALUES {rows}) p(segment, k, title, department, roles, boss, box)
        ON p.segment = c.segment AND p.k < c.part_n
    JOIN contacts_clientdepartment dep ON dep.code = p.department
    WINDOW w AS (ORDER BY c.part_first + p.k)
    """


def _people() -> str:
    surnames, women, men = list(SURNAMES), list(WOMEN), list(MEN)
    fathers = list(FATHERS)
    last = sql_pick(len(surnames), "p.n", 411, "p.k")
    first = sql_mix("p.n", 412, "p.k")
    father = sql_pick(len(fathers), "p.n", 413, "p.k")

    def name(surnames: list[str], women: list[str], men: list[str], fathers: list[str]) -> str:
        return f"""
            ({sql_texts(surnames)})[1 + {last}] || CASE WHEN p.woman THEN 'а' ELSE '' END,
            CASE WHEN p.woman THEN ({sql_texts(women)})[1 + {first} % {len(women)}]
                 ELSE ({sql_texts(men)})[1 + {first} % {len(men)}] END,
            ({sql_texts(fathers)})[1 + {father}]
                || CASE WHEN p.woman THEN 'на' ELSE 'ич' END"""

    keys = name(_keys(surnames), _keys(women), _keys(men), _keys(fathers))
    digits = sql_mix("p.n", 414, "p.k")
    return f"""
    INSERT INTO contacts_person
        (id, version, last_name, first_name, middle_name, search_key, phone, email)
    SELECT p.id, 1, {name(surnames, women, men, fathers)},
        concat_ws(' ', {keys}),
        -- Valid in form, given to nobody: within a city no number begins with 0; .example is
        -- nobody's either.
        '+7 ' || {sql_choice(_CITIES, "p.n", 415, "p.k")} || ' 0'
            || lpad(({digits} % 100)::text, 2, '0')
            || '-' || lpad(({digits} / 1000 % 100)::text, 2, '0')
            || '-' || lpad(({digits} / 100000 % 100)::text, 2, '0')
            || CASE WHEN {digits} % 7 = 0 THEN ' доб. ' || 100 + {digits} % 90 ELSE '' END,
        CASE WHEN {digits} % 10 > 0 THEN p.box || '@client-' || p.n || '.example' ELSE '' END
    FROM demo_part p WHERE p.person_id = p.id ORDER BY p.id
    """


def _participants(today: str) -> str:
    attitude = "CASE WHEN {0} < 45 THEN 'supporter' WHEN {0} < 80 THEN 'neutral' WHEN {0} < 86 THEN 'opponent' ELSE 'unknown' END"  # noqa: E501
    chance = sql_pick(100, "p.n", 421, "p.k")
    return f"""
    INSERT INTO contacts_participant
        (id, version, client_id, person_id, department_id, job_title, attitude, influence,
         notes, starts_on, verified_on)
    SELECT p.id, 1, p.client_id, p.person_id, p.department_id, p.title,
           {attitude.format(chance)},
           CASE WHEN p.boss_id IS NULL THEN 3 WHEN p.roles LIKE 'main%' THEN 2 + {chance} % 2
                ELSE 1 + {chance} % 2 END,
           '', {today} - p.conn_off, {today} - 3 - {sql_pick(200, "p.n", 422, "p.k")} % p.conn_off
    FROM demo_part p ORDER BY p.id
    """


def _superiors() -> str:
    return """
    UPDATE contacts_participant p SET reports_to_id = d.boss_id
    FROM demo_part d WHERE d.id = p.id AND d.boss_id IS NOT NULL
    """


def _roles(today: str) -> str:
    """A few schemes know no key user yet; a few roles changed hands within the year."""
    changed = f"{sql_pick(100, 'p.n', 432, 'p.k')} < 4 AND p.conn_off > 300"
    since = f"({today} - 60 - {sql_pick(200, 'p.n', 433, 'p.k')})"
    return f"""
    INSERT INTO contacts_roleperiod (participant_id, role, starts_on, ends_on)
    SELECT id, role, starts_on, ends_on FROM (
        SELECT p.id, r.role, CASE WHEN {changed} THEN {since} ELSE {today} - p.conn_off END
                   AS starts_on, NULL::date AS ends_on
        FROM demo_part p CROSS JOIN LATERAL unnest(string_to_array(p.roles, ' ')) r(role)
        WHERE NOT (r.role IN ('main_key_user', 'key_user') AND p.segment = 'retail'
                   AND {sql_pick(100, "p.n", 431)} < 4)
        UNION ALL
        SELECT p.id, 'key_user', {today} - p.conn_off, {since}
        FROM demo_part p
        WHERE {changed} AND p.roles = 'main_key_user'
    ) r ORDER BY id, role, starts_on
    """


def _twins(today: str) -> list[tuple[str, str]]:
    """In every department somebody was entered twice: the same name and number, no letter box."""
    twins = """
    CREATE TEMPORARY TABLE demo_twin ON COMMIT DROP AS
    SELECT p.*, (SELECT max(id) FROM contacts_person) + row_number() OVER (ORDER BY c.unit_id)
               AS person_twin,
           (SELECT max(id) FROM contacts_participant) + row_number() OVER (ORDER BY c.unit_id)
               AS twin_id
    FROM (
        SELECT DISTINCT ON (unit_id) id, unit_id FROM demo_client
        WHERE segment = 'network' AND part_n BETWEEN 3 AND 7 AND conn_off > 200
          AND churn_off IS NULL AND lead = 0
        ORDER BY unit_id, n
    ) c JOIN demo_part p ON p.client_id = c.id AND p.k = 1 AND p.person_id = p.id
    """
    people = """
    INSERT INTO contacts_person
        (id, version, last_name, first_name, middle_name, search_key, phone, email)
    SELECT t.person_twin, 1, p.last_name, p.first_name, p.middle_name, p.search_key, p.phone, ''
    FROM demo_twin t JOIN contacts_person p ON p.id = t.person_id ORDER BY 1
    """
    places = f"""
    INSERT INTO contacts_participant
        (id, version, client_id, person_id, department_id, job_title, attitude, influence,
         notes, starts_on, verified_on)
    SELECT t.twin_id, 1, t.client_id, t.person_twin, t.department_id, 'Гл. бухгалтер', 'unknown',
           2, 'Записан со звонка.', {today} - 70, {today} - 70
    FROM demo_twin t ORDER BY 1
    """
    roles = f"""
    INSERT INTO contacts_roleperiod (participant_id, role, starts_on)
    SELECT t.twin_id, 'key_user', {today} - 70 FROM demo_twin t ORDER BY 1
    """
    return [("участники СПР", statement) for statement in (twins, people, places, roles)]
